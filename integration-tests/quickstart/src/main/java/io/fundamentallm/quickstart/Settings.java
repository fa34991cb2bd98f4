package io.fundamentallm.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * What was asked for on the command line; a property that is missing or empty has its default.
 *
 * @param name what the text is called in messages
 * @param text what to train on
 * @param version of this project, as in the names of its jars
 * @param steps of the training; if empty, as many as fit into a minute
 */
record Settings(String name, String text, OptionalInt steps, long seed, String version) {
  private static final String NOVEL = "pride-and-prejudice.txt";

  /**
   * Reads the properties {@code text}, {@code steps} and {@code seed}.
   *
   * @param properties gives null for a property that is not set
   * @throws IllegalArgumentException that says which property is wrong and what was expected
   */
  static Settings read(UnaryOperator<String> properties) throws IOException {
    OptionalInt steps =
        value(properties, "steps").isEmpty()
            ? OptionalInt.empty()
            : OptionalInt.of((int) number(properties, "steps", 1, 1, Integer.MAX_VALUE));
    long seed = number(properties, "seed", 1337, Long.MIN_VALUE, Long.MAX_VALUE);
    String file = value(properties, "text");
    String name = file.isEmpty() ? NOVEL : file;
    String text = decode(name, file.isEmpty() ? novel() : bytes(file));
    String version = value(properties, "version");
    return new Settings(name, text, steps, seed, version.isEmpty() ? "*" : version);
  }

  /** Whether the text is the novel. */
  boolean isNovel() {
    return name.equals(NOVEL);
  }

  private static String value(UnaryOperator<String> properties, String name) {
    return Objects.requireNonNullElse(properties.apply(name), "").strip();
  }

  private static long number(
      UnaryOperator<String> properties,
      String name,
      long defaultValue,
      long minimum,
      long maximum) {
    String value = value(properties, name);
    if (value.isEmpty()) {
      return defaultValue;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= minimum && number <= maximum) {
        return number;
      }
    } catch (NumberFormatException e) {
      // answered below, like a number out of range
    }
    throw new IllegalArgumentException(
        "-D%s=%s: expected a whole number from %d to %d".formatted(name, value, minimum, maximum));
  }

  private static byte[] novel() throws IOException {
    try (InputStream in = Settings.class.getResourceAsStream(NOVEL)) {
      return Objects.requireNonNull(in, NOVEL).readAllBytes();
    }
  }

  private static byte[] bytes(String file) throws IOException {
    Path path = Path.of(file).toAbsolutePath();
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException(
          "-Dtext=%s: expected a text file, but %s %s"
              .formatted(file, path, Files.exists(path) ? "is none" : "does not exist"));
    }
    return Files.readAllBytes(path);
  }

  private static String decode(String name, byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, text, true);
    if (result.isError()) {
      throw new IllegalArgumentException(
          "%s: expected UTF-8, but byte %d (0x%02x) is not"
              .formatted(name, in.position(), bytes[in.position()]));
    }
    if (text.flip().isEmpty()) {
      throw new IllegalArgumentException(name + ": expected a text, but the file is empty");
    }
    return text.toString();
  }
}
