package io.fundamentallm.commandline;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where a chat's lines come from, and where its answers go. */
interface ChatLines extends AutoCloseable {
  /** The next line; null after the last. */
  @Nullable String read() throws IOException;

  PrintWriter out();

  /** Whether answers may be coloured. */
  boolean coloured();

  /** What Ctrl-C does while an answer is being written, if it does not end the program. */
  void onInterrupt(Runnable action);

  @Override
  void close() throws IOException;

  /** With an editor on a terminal, otherwise plain. */
  static ChatLines open(PrintWriter out) {
    if (ShellTerminal.present()) {
      try {
        return EditedLines.open();
      } catch (IOException | IllegalStateException e) {
        // a terminal that JLine cannot drive still has lines
      }
    }
    return new Plain(out);
  }

  /** Lines as they come, such as those of a file. */
  final class Plain implements ChatLines {
    private final BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private final PrintWriter out;

    Plain(PrintWriter out) {
      this.out = out;
    }

    @Override
    public @Nullable String read() throws IOException {
      return in.readLine();
    }

    @Override
    public PrintWriter out() {
      return out;
    }

    @Override
    public boolean coloured() {
      return ShellTerminal.coloured();
    }

    @Override
    public void onInterrupt(Runnable action) {}

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
