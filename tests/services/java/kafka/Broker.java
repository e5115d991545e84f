import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.Uuid;

/** A Kafka broker that formats its storage where that is still empty: java Broker PROPERTIES DATA. */
public final class Broker {
  public static void main(String[] arguments) throws Exception {
    Leash.hold();
    String properties = arguments[0];
    if (!Files.exists(Path.of(arguments[1], "meta.properties"))) {
      // Kafka's own random ids never begin with '-', which StorageTool would take for an option.
      String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", properties};
      int code = kafka.tools.StorageTool.execute(format, System.out);
      if (code != 0) System.exit(code);
    }
    kafka.Kafka.main(new String[] {properties});
  }
}
