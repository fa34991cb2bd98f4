package io.fundamentallm.commandline;

import java.io.Console;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Whether a person is using the program. */
@SuppressWarnings("SystemConsoleNull") // Main chooses the console that is null without a terminal
final class ShellTerminal {
  private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f&&[^\\n\\t]]");

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

  /**
   * A text as a terminal may get it: control characters but line breaks and tabs, with which a
   * model or a tool could move the cursor, write to the clipboard or rename the window, are
   * replaced.
   */
  static String harmless(String text) {
    return CONTROL.matcher(text.replace("\r\n", "\n")).replaceAll("\ufffd");
  }

  /** A terminal has its own; files and pipes get UTF-8 everywhere. */
  static Charset charset() {
    Console console = System.console();
    return console == null ? StandardCharsets.UTF_8 : console.charset();
  }
}
