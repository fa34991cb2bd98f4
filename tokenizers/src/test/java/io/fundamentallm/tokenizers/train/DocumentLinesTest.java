package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class DocumentLinesTest {
  @Test
  void each_line_has_its_newline() {
    assertThat(lines("one\r\n\ntwo", "", "three\n"))
        .containsExactly("one\r\n", "\n", "two", "three\n");
    assertThat(lines()).isEmpty();
    assertThat(lines("", "")).isEmpty();
  }

  @Test
  void a_document_of_one_line_is_given_as_it_is() {
    CharSequence line = CharBuffer.wrap("a line\n");
    assertThat(new DocumentLines(List.of(line)).iterator().next()).isSameAs(line);
  }

  @Test
  void lines_can_be_iterated_again() {
    DocumentLines lines = new DocumentLines(List.of("a\nb"));
    assertThat(lines).hasSize(2);
    assertThat(lines).hasSize(2);
  }

  @Test
  void long_lines_come_in_parts_cut_before_a_space_or_between_code_points() {
    String word = "x".repeat(DocumentLines.LONGEST - 2) + " yz";
    assertThat(lines(word)).containsExactly("x".repeat(DocumentLines.LONGEST - 2), " yz");
    String face = "x".repeat(DocumentLines.LONGEST - 1) + "\uD83D\uDE42\n";
    assertThat(lines(face))
        .containsExactly("x".repeat(DocumentLines.LONGEST - 1), "\uD83D\uDE42\n");
    String full = "x".repeat(DocumentLines.LONGEST - 1) + "\n";
    assertThat(lines(full + "y")).containsExactly(full, "y");
  }

  @Test
  void behind_the_last_line_there_is_none() {
    Iterator<CharSequence> lines = new DocumentLines(List.of("a")).iterator();
    lines.next();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(lines::next);
  }

  private static List<String> lines(CharSequence... documents) {
    List<String> lines = new ArrayList<>();
    new DocumentLines(List.of(documents)).forEach(line -> lines.add(line.toString()));
    return lines;
  }
}
