package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.internal.corpus.CorpusReader;
import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextCorpusTest {
  @TempDir private Path directory;

  @Test
  void each_text_file_is_a_document_however_often_they_are_read() throws IOException {
    TextCorpus corpus =
        TextCorpus.ofFiles(file("b", "two\nlines\n"), file("a", ""), file("c", "caf\u00E9"));
    for (int reading = 0; reading < 2; reading++) {
      assertThat(corpus).containsExactly("two\nlines\n", "", "caf\u00E9");
    }
    Iterator<String> ended = TextCorpus.ofFiles().iterator();
    assertThat(ended.hasNext()).isFalse();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(ended::next);
  }

  @Test
  void a_directory_gives_the_files_that_match_in_the_order_of_their_names() throws IOException {
    file("b.txt", "3");
    file("a/z.txt", "1");
    file("a.b/c.txt", "2");
    file("a/notes.md", "no");
    Files.createDirectory(directory.resolve("empty.txt"));
    TextCorpus all = TextCorpus.ofDirectory(directory, "**.txt");
    assertThat(all.files())
        .extracting(file -> directory.relativize(file).toString().replace('\\', '/'))
        .containsExactly("a.b/c.txt", "a/z.txt", "b.txt");
    assertThat(all).containsExactly("2", "1", "3");
    assertThat(TextCorpus.ofDirectory(directory, "*.txt")).containsExactly("3");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> TextCorpus.ofDirectory(directory, "*.json"))
        .withMessage(directory + " has no file that matches *.json");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> TextCorpus.ofDirectory(directory.resolve("none"), "*"))
        .withMessageContaining("none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextCorpus.ofDirectory(directory, "{*.txt"))
        .withMessageStartingWith("the glob \"{*.txt\" is broken: ")
        .withMessageEndingWith("expected one such as **.txt");
  }

  @Test
  void each_line_of_json_lines_is_a_document() throws IOException {
    String lines =
        """
        {"id": 1, "text": "one\\nmore \\ud83d\\ude42"}

        {"text": "", "meta": {"text": [1, null]}}\r
         \t
        """;
    Path first = file("1.jsonl", lines);
    Path second = file("2.jsonl", "{\"text\":\"\uD83D\uDE42\"}");
    TextCorpus corpus = TextCorpus.ofFiles(first, second).jsonLines("text");
    assertThat(corpus).containsExactly("one\nmore \uD83D\uDE42", "", "\uD83D\uDE42");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'{\"text\":\"a'       | expected '\"' at character",
        "'[\"a\"]'             | expected { at character 0",
        "'{\"t\":1,\"body\":2}'| there is no \"text\"; the fields are t, body",
        "'{\"text\":1.5}'      | expected a text in \"text\", found 1.5",
        "'{\"text\":null}'     | expected a text in \"text\", found null",
        "'{\"text\":[\"a\"]}'  | expected a text in \"text\", found a list",
        "'{\"text\":{}}'       | expected a text in \"text\", found an object",
        "'{\"text\":\"a\\ud83dx\"}' | \"text\" has half a surrogate pair at character 1",
        "'{\"text\":\"\\ude42\"}'   | \"text\" has half a surrogate pair at character 0",
        "'{\"text\":\"ab\\ud83d\"}' | \"text\" has half a surrogate pair at character 2",
      })
  void mistakes_in_json_lines_are_told_with_file_and_line(String line, String message)
      throws IOException {
    Path file = file("bad.jsonl", "{\"text\":\"fine\"}\n\n" + line + "\n{\"text\":\"fine\"}\n");
    Iterator<String> documents = TextCorpus.ofFiles(file).jsonLines("text").iterator();
    assertThat(documents.next()).isEqualTo("fine");
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(documents::hasNext)
        .havingCause()
        .withMessageStartingWith(file + ", line 3: " + message);
  }

  @Test
  void long_names_of_fields_are_cut_in_a_message() throws IOException {
    Path file = file("long.jsonl", "{\"" + "k".repeat(10_000) + "\":1}\n");
    TextCorpus corpus = TextCorpus.ofFiles(file).jsonLines("text");
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> corpus.forEach(document -> {}))
        .havingCause()
        .withMessageEndingWith("the fields are " + "k".repeat(100) + "…");
  }

  @Test
  void malformed_utf8_is_told_with_file_and_byte() throws IOException {
    Path file = directory.resolve("bad");
    byte[] bytes = "{\"text\":\"na\u00EFve\"}\n{\"text\":\"x\"}".getBytes(StandardCharsets.UTF_8);
    bytes[bytes.length - 3] = (byte) 0xFF;
    Files.write(file, bytes);
    for (TextCorpus corpus :
        List.of(TextCorpus.ofFiles(file), TextCorpus.ofFiles(file).jsonLines("text"))) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> corpus.forEach(document -> {}))
          .havingCause()
          .withMessage(
              file
                  + ": malformed UTF-8 at byte "
                  + (bytes.length - 3)
                  + "; save the text as UTF-8");
    }
  }

  @Test
  void a_missing_file_is_named() {
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> TextCorpus.ofFiles(directory.resolve("none")).iterator().hasNext())
        .withMessageContaining("none");
  }

  @Test
  void a_long_document_comes_in_parts_that_no_white_space_crosses() throws IOException {
    Path file = file("long", "one\ntwo\n\n\n  three\nfour\nfive");
    assertThat(TextCorpus.ofFiles(file).cutAfter(6))
        .containsExactly("one\ntwo\n\n\n  three\n", "four\nfive");
    assertThat(TextCorpus.ofFiles(file("blank", "\n".repeat(25))).cutAfter(6))
        .containsExactly("\n".repeat(12), "\n".repeat(12), "\n");
  }

  @Test
  void whatever_the_length_the_parts_together_are_the_document() throws IOException {
    Random random = new Random(5);
    for (int i = 0; i < 100; i++) {
      StringBuilder text = new StringBuilder();
      random.ints(200, 0, 6).forEach(c -> text.append("\n  ab\u00E9".charAt(c)));
      for (int longest : new int[] {1, 3, 10, 1000}) {
        TextCorpus corpus = TextCorpus.ofFiles(file("t", text.toString())).cutAfter(longest);
        List<CorpusReader.Part> parts = new ArrayList<>();
        try (CorpusReader reader =
            new CorpusReader(corpus.files(), corpus.textField(), corpus.longest())) {
          for (CorpusReader.Part part = reader.next(); part != null; part = reader.next()) {
            parts.add(part);
          }
          assertThat(reader.bytesRead()).isEqualTo(Files.size(corpus.files().get(0)));
        }
        assertThat(String.join("", corpus)).isEqualTo(text.toString());
        assertThat(parts.stream().filter(CorpusReader.Part::first)).containsExactly(parts.get(0));
        assertThat(parts.stream().filter(CorpusReader.Part::last))
            .containsExactly(parts.get(parts.size() - 1));
        long line = 1;
        for (CorpusReader.Part part : parts) {
          assertThat(part.line()).isEqualTo(line);
          line += part.text().chars().filter(c -> c == '\n').count();
        }
      }
    }
  }

  private Path file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }
}
