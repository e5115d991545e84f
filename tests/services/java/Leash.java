/** Ends this JVM when its standard input ends: when the process at the other end has ended, killed or not. */
final class Leash {
  private Leash() {}

  /** Does nothing without -Dleash=true: a server started from a shell stays. */
  static void hold() {
    if (!Boolean.getBoolean("leash")) return;
    Thread thread = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {}
      } catch (java.io.IOException gone) {
        // As good as the end of the input.
      }
      Runtime.getRuntime().halt(0);
    }, "leash");
    thread.setDaemon(true);
    thread.start();
  }
}
