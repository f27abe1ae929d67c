package io.equator.server;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
public final class BuildVersion {

  private BuildVersion() {}

  /** For example {@code 0.1.0-SNAPSHOT}; {@code development} when run from class files. */
  public static String text() {
    String version = BuildVersion.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Tells picocli what {@code --version} prints. */
  static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"equator " + text()};
    }
  }
}
