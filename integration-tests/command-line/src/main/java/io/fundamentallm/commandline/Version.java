package io.fundamentallm.commandline;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest, and the JVM's. */
final class Version implements IVersionProvider {
  Version() {}

  @Override
  public String[] getVersion() {
    String own = Main.class.getPackage().getImplementationVersion();
    return new String[] {
      "fundamentallm " + Objects.requireNonNullElse(own, "(not from a jar)"),
      "JDK " + Runtime.version()
    };
  }
}
