package io.fundamentallm.spi;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.internal.files.ReadablePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A word-level vocabulary on disk: one piece per line, and a last line for the end token. */
final class WordLevelFile {
  /** In bytes; a file from elsewhere must not fill the memory. */
  private static final long MAX = 256 << 20;

  /** The line of the end token; no piece is written like this. */
  private static final String END_LINE = "\\e";

  private WordLevelFile() {}

  /** The file name for a kind of tokenizer. */
  static String of(String name) {
    return name + ".vocab";
  }

  /** The file of a model directory, or the file itself. */
  static Path in(Path path, String name) {
    return Files.isDirectory(path) ? path.resolve(of(name)) : path;
  }

  static WordLevelVocabulary read(Path file) throws IOException {
    ReadablePath.requireFile(file);
    if (Files.size(file) > MAX) {
      throw new IOException(
          file + " has " + Files.size(file) + " bytes; expected a vocabulary of at most " + MAX);
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is not in UTF-8", e);
    }
    boolean ends = !lines.isEmpty() && lines.get(lines.size() - 1).equals(END_LINE);
    if (ends) {
      lines.remove(lines.size() - 1);
    }
    Set<String> pieces = new LinkedHashSet<>();
    for (String line : lines) {
      String piece = unescaped(line);
      boolean end = ends && WordLevelVocabulary.END.equals(piece);
      if (piece == null || end || !WordLevelVocabulary.isPiece(piece) || !pieces.add(piece)) {
        throw new IOException(
            file
                + ", line "
                + (pieces.size() + 1)
                + ": \""
                + line
                + "\" is not a new token; expected a piece of text of more than one byte that is"
                + " on no earlier line, with \\\\, \\n and \\r for backslash and line ends");
      }
    }
    return WordLevelVocabulary.of(List.copyOf(pieces), ends);
  }

  private static @Nullable String unescaped(String line) {
    for (int i = line.indexOf('\\'); i >= 0; i = line.indexOf('\\', i + 2)) {
      if (i + 1 == line.length() || "\\nr".indexOf(line.charAt(i + 1)) < 0) {
        return null;
      }
    }
    return line.translateEscapes();
  }

  static void write(Path file, WordLevelVocabulary vocabulary) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String piece : vocabulary.pieces()) {
      text.append(piece.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r"));
      text.append('\n');
    }
    text.append(vocabulary.eos().isPresent() ? END_LINE + '\n' : "");
    AtomicFile.write(file, ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
