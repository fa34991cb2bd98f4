package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextLinesTest {
  @TempDir private Path directory;
  private int open;

  @Test
  void lines_keep_their_ends_and_only_line_feeds_end_them() throws IOException {
    Path first = file("first", "one\r\ntwo\rstill two\u2028\u0085\n\nlast");
    Path second = file("second", "caf\u00E9 \uFFFD\n");
    Iterable<String> lines = TextLines.of(first, file("empty", ""), second);
    for (int reading = 0; reading < 2; reading++) {
      assertThat(lines)
          .containsExactly(
              "one\r\n", "two\rstill two\u2028\u0085\n", "\n", "last", "caf\u00E9 \uFFFD\n");
    }
    Iterator<String> iterator = TextLines.of().iterator();
    assertThat(iterator.hasNext()).isFalse();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(iterator::next);
  }

  @Test
  void iterations_do_not_disturb_each_other() throws IOException {
    Iterable<String> lines = TextLines.of(file("two", "a\nb\n"));
    Iterator<String> first = lines.iterator();
    Iterator<String> second = lines.iterator();
    assertThat(first.next()).isEqualTo("a\n");
    assertThat(second.next()).isEqualTo("a\n");
    assertThat(first.next()).isEqualTo("b\n");
    assertThat(second.next()).isEqualTo("b\n");
  }

  @Test
  void long_lines_come_in_parts_cut_before_a_space() throws IOException {
    Path file = file("long", "some words and more\tof them\nshort\n" + "x".repeat(20));
    assertThat(counted(16, file))
        .containsExactly(
            "some words and", " more\tof them\n", "short\n", "x".repeat(16), "x".repeat(4));
  }

  @Test
  void without_spaces_parts_are_cut_between_code_points() throws IOException {
    String text = "\uD83D\uDE42\u20AC\u00E9a\u65E5\u672C\u8A9E";
    for (int longest = 4; longest < 24; longest++) {
      List<String> parts = read(counted(longest, file("wide", text)));
      assertThat(String.join("", parts)).isEqualTo(text);
      for (String part : parts) {
        assertThat(part.getBytes(StandardCharsets.UTF_8).length).isBetween(1, longest);
      }
    }
  }

  @Test
  void whatever_the_lengths_the_lines_together_are_the_file() throws IOException {
    Random random = new Random(11);
    for (int i = 0; i < 200; i++) {
      StringBuilder text = new StringBuilder();
      random
          .ints(random.nextInt(300), 0, 12)
          .mapToObj(c -> c < 2 ? "\n" : c < 4 ? " " : Character.toString(0x20 << c))
          .forEach(text::append);
      Path file = file("random", text.toString());
      for (int longest : new int[] {4, 7, 64, 1 << 20}) {
        List<String> lines = read(counted(longest, file));
        assertThat(String.join("", lines)).isEqualTo(text.toString());
        assertThat(lines).allMatch(TextLinesTest::hasNoLineEndWithin);
      }
    }
    assertThat(open).isZero();
  }

  private static boolean hasNoLineEndWithin(String line) {
    int end = line.indexOf('\n');
    return end < 0 || end == line.length() - 1;
  }

  @Test
  void a_line_of_more_than_a_mebibyte_is_cut() throws IOException {
    String line = "word ".repeat(300_000) + "\n";
    List<String> parts = read(TextLines.of(file("huge", line)));
    assertThat(parts).hasSize(2);
    assertThat(parts.get(1)).startsWith(" word");
    assertThat(String.join("", parts)).isEqualTo(line);
  }

  @Test
  void malformed_utf8_is_an_error_with_file_and_byte_and_closes() throws IOException {
    byte[][] bad = {{(byte) 0xC3, 'x'}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, {(byte) 0x80}};
    for (byte[] bytes : bad) {
      for (int longest : new int[] {4, 1 << 20}) {
        Path file = directory.resolve("bad.txt");
        Files.write(file, "fine\nna\u00EFve ".getBytes(StandardCharsets.UTF_8));
        Files.write(file, bytes, java.nio.file.StandardOpenOption.APPEND);
        Iterator<String> lines = counted(longest, file).iterator();
        assertThat(lines.next()).startsWith("fine");
        assertThatExceptionOfType(UncheckedIOException.class)
            .isThrownBy(
                () -> {
                  while (lines.hasNext()) {
                    lines.next();
                  }
                })
            .withMessageContaining(file + ": malformed UTF-8 at byte 12; save the text as UTF-8");
        assertThat(open).isZero();
        assertThat(lines.hasNext()).isFalse();
      }
    }
  }

  @Test
  void a_character_cut_off_by_the_end_of_the_file_is_malformed() throws IOException {
    Path file = directory.resolve("cut.txt");
    Files.write(file, new byte[] {'a', (byte) 0xE2, (byte) 0x82});
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> read(counted(64, file)))
        .withMessageContaining("byte 1");
    assertThat(open).isZero();
  }

  @Test
  void a_missing_file_and_a_directory_are_named() {
    for (Path path : List.of(directory.resolve("missing"), directory)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> read(TextLines.of(path)))
          .withMessageContaining(path.toString());
    }
  }

  @Test
  void the_file_is_closed_at_its_end_and_when_a_loop_throws() throws IOException {
    Path file = file("two", "a\nb\n");
    Iterable<String> lines = counted(64, file, file);
    assertThat(read(lines)).hasSize(4);
    assertThat(open).isZero();
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                lines.forEach(
                    line -> {
                      throw new IllegalStateException(line);
                    }));
    assertThat(open).isZero();
  }

  /** With a count of the streams that are open. */
  private Iterable<String> counted(int longest, Path... files) {
    return new TextLines(
        List.of(files),
        file -> {
          InputStream in = Files.newInputStream(file);
          open++;
          return new FilterInputStream(in) {
            @Override
            public void close() throws IOException {
              open--;
              super.close();
            }
          };
        },
        longest);
  }

  private static List<String> read(Iterable<String> lines) {
    List<String> all = new ArrayList<>();
    for (String line : lines) {
      all.add(line);
    }
    return all;
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }
}
