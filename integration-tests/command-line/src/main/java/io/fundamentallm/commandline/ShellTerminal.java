package io.fundamentallm.commandline;

import java.io.Console;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Whether a person is using the program. */
@SuppressWarnings("SystemConsoleNull") // Main chooses the console that is null without a terminal
final class ShellTerminal {
  private ShellTerminal() {}

  /** Whether both input and output are a terminal. */
  static boolean present() {
    return System.console() != null;
  }

  /** Whether output may be coloured; see no-color.org. */
  static boolean coloured() {
    String off = System.getenv("NO_COLOR");
    return present() && (off == null || off.isEmpty());
  }

  /** A terminal has its own; files and pipes get UTF-8 everywhere. */
  static Charset charset() {
    Console console = System.console();
    return console == null ? StandardCharsets.UTF_8 : console.charset();
  }
}
