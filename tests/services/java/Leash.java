/** Ends this JVM at once when its standard input ends, that is, when whoever held the other end has gone, killed or not. */
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
