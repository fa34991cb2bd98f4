package io.fundamentallm.commandline;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Lines that a person types, with JLine's editing and a history under the arrow keys that is kept
 * between runs.
 */
final class EditedLines implements ChatLines {
  /** Older ones are dropped from the file. */
  private static final int LINES_KEPT = 10_000;

  private final Terminal terminal;
  private final LineReader reader;

  private EditedLines(Terminal terminal) {
    this.terminal = terminal;
    reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            // exclamation marks and backslashes are literal
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            // as shells do: a line with a space in front is not kept
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
            .variable(LineReader.HISTORY_FILE_SIZE, LINES_KEPT)
            .build();
    try {
      Optional<Path> history = history();
      if (history.isPresent()) {
        reader.setVariable(LineReader.HISTORY_FILE, history.get());
        reader.getHistory().attach(reader);
      }
    } catch (IOException | IllegalArgumentException e) {
      terminal.writer().println("(lines are not kept for the next time: " + e.getMessage() + ")");
    }
  }

  /**
   * The file of lines typed in earlier chats, which nobody else may read: what {@code
   * FUNDAMENTALLM_HISTORY} names, and none if it is set and empty; by default the one for such
   * files in the XDG base directories.
   */
  private static Optional<Path> history() throws IOException {
    String named = System.getenv("FUNDAMENTALLM_HISTORY");
    if (named != null && named.isEmpty()) {
      return Optional.empty();
    }
    String state = System.getenv("XDG_STATE_HOME");
    Path folder =
        state == null || state.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    Path file =
        named == null ? folder.resolve("fundamentallm").resolve("chat_history") : Path.of(named);
    return Optional.of(owned(file));
  }

  /** Creates the file if it is missing, and lets only its owner read it. */
  private static Path owned(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    boolean posix =
        Files.getFileStore(parent == null ? file : parent).supportsFileAttributeView("posix");
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString("rw-------");
    try {
      if (posix) {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(permissions));
      } else {
        Files.createFile(file);
      }
    } catch (FileAlreadyExistsException e) {
      // lines are added to it; a device, such as /dev/null, stays as it is
      if (posix && Files.isRegularFile(file)) {
        Files.setPosixFilePermissions(file, permissions);
      }
    }
    return file;
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
