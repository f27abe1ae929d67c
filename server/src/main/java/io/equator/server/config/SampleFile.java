package io.equator.server.config;

/** The sample configuration: every key with its meaning and its default. */
public final class SampleFile {
  private SampleFile() {}

  /** The whole file, YAML; keys without a default are left empty. */
  public static String text() {
    StringBuilder text =
        new StringBuilder(
            """
            # A node of an Equator cluster. Each key may also come from the environment, which wins:
            # internal.raft-port is EQUATOR_INTERNAL_RAFT_PORT.
            """);
    String group = "";
    for (Key key : Key.values()) {
      int dot = key.path().indexOf('.');
      String name = key.path().substring(dot + 1);
      String of = dot < 0 ? "" : key.path().substring(0, dot);
      if (!of.equals(group)) {
        text.append('\n');
        if (!of.isEmpty()) {
          text.append(of).append(":\n");
        }
        group = of;
      }
      String indent = of.isEmpty() ? "" : "  ";
      text.append(indent).append("# ").append(key.meaning()).append('\n');
      text.append(indent).append(name).append(':');
      text.append(key.otherwise().isEmpty() ? "" : " " + value(key)).append('\n');
    }
    return text.toString();
  }

  private static String value(Key key) {
    return key.otherwise().indexOf(',') < 0
        ? key.otherwise()
        : "[" + key.otherwise().replace(",", ", ") + "]";
  }
}
