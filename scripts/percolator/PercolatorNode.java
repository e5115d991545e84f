import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.percolator.PercolatorPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.transport.Netty4Plugin;

/** An Elasticsearch 7 node with the percolator: java PercolatorNode HOME CONFIG, which holds an elasticsearch.yml. */
public final class PercolatorNode extends Node {
  private PercolatorNode(Environment environment, Collection<Class<? extends Plugin>> plugins) {
    super(environment, plugins, true);
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Path config = Path.of(arguments[1]);
    Path file = config.resolve("elasticsearch.yml");
    Settings settings;
    try (InputStream yaml = Files.newInputStream(file)) {
      settings = Settings.builder().loadFromStream(file.toString(), yaml, false).put("path.home", home.toString()).build();
    }
    LogConfigurator.registerErrorListener();
    LogConfigurator.configureWithoutConfig(settings);
    PercolatorNode node = new PercolatorNode(new Environment(settings, config), List.of(Netty4Plugin.class, PercolatorPlugin.class));
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
