import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** An Elasticsearch node: java SearchNode HOME CONFIG. HOME holds modules/, CONFIG an elasticsearch.yml and nothing else. */
public final class SearchNode {
  public static void main(String[] arguments) throws Exception {
    Leash.hold();
    Path home = Path.of(arguments[0]);
    Path config = Path.of(arguments[1]);
    Path file = config.resolve("elasticsearch.yml");
    Settings settings;
    try (InputStream yaml = Files.newInputStream(file)) {
      settings = Settings.builder().loadFromStream(file.toString(), yaml, false).put("path.home", home.toString()).build();
    }
    LogConfigurator.registerErrorListener();
    LogConfigurator.configureWithoutConfig(settings);
    PluginsLoader plugins = PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(home.resolve("modules"), false), Set.of(), Map.of(), false);
    Node node = new Node(new Environment(settings, config), plugins);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    Thread.currentThread().join();
  }

  private static void close(Node node) {
    try {
      node.close();
      node.awaitClose(20, TimeUnit.SECONDS);
    } catch (Exception error) {
      error.printStackTrace();
    }
  }
}
