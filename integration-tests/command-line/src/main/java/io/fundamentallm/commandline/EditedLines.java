package io.fundamentallm.commandline;

import java.io.IOException;
import java.io.PrintWriter;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** Lines that a person types, with JLine's editing and a history under the arrow keys. */
final class EditedLines implements ChatLines {
  private final Terminal terminal;
  private final LineReader reader;

  private EditedLines(Terminal terminal) {
    this.terminal = terminal;
    reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            // exclamation marks and backslashes are literal
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
  }

  /** Takes the terminal; the exception says why it cannot be driven. */
  static EditedLines open() throws IOException {
    return new EditedLines(TerminalBuilder.builder().system(true).dumb(false).build());
  }

  @Override
  public @Nullable String read() {
    while (true) {
      try {
        return reader.readLine("> ");
      } catch (UserInterruptException e) {
        // Ctrl-C discards the line being typed, as in a shell
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  @Override
  public PrintWriter out() {
    return terminal.writer();
  }

  @Override
  public boolean coloured() {
    return ShellTerminal.coloured();
  }

  @Override
  public void onInterrupt(Runnable action) {
    terminal.handle(Terminal.Signal.INT, signal -> action.run());
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
