package io.fundamentallm.tokenizers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Which bytes were said. */
class MessageRangesTest {
  private static String bytes(ChatSegment... segments) {
    MessageRanges ranges = MessageRanges.of(List.of(segments));
    byte[] text = ranges.text().getBytes(StandardCharsets.UTF_8);
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < text.length; i++) {
      said.append(ranges.touches(i, i + 1) ? 'S' : '.');
    }
    return said.toString();
  }

  private static ChatSegment message(String text) {
    return new ChatSegment(text, true);
  }

  private static ChatSegment written(String text) {
    return new ChatSegment(text, false);
  }

  @Test
  void ranges_count_bytes() {
    assertThat(bytes(written("aé"), message("€"), written("😀b"), message("c")))
        .isEqualTo("...SSS.....S");
    assertThat(
            bytes(message("a"), message(""), message("b"), written(""), message("c"), written("d")))
        .isEqualTo("SSS.");
    assertThat(bytes()).isEmpty();
  }

  @Test
  void a_character_of_two_speakers_was_said() {
    assertThat(bytes(written("a"), message("\uD83D"), written("\uDE00b"))).isEqualTo(".SSSS.");
    assertThat(bytes(written("a\uD83D"), message("\uDE00"), written("b"))).isEqualTo(".SSSS.");
    assertThat(bytes(message("\uD83D"), written("\uDE00"), message("b"))).isEqualTo("SSSSS");
  }

  @Test
  void a_range_touches_what_it_shares_a_byte_with() {
    MessageRanges ranges = MessageRanges.of(List.of(written("ab"), message("cd"), written("ef")));
    assertThat(ranges.touches(0, 2)).isFalse();
    assertThat(ranges.touches(0, 3)).isTrue();
    assertThat(ranges.touches(3, 6)).isTrue();
    assertThat(ranges.touches(4, 6)).isFalse();
    assertThat(ranges.touches(0, 6)).isTrue();
    assertThat(ranges.touches(2, 2)).isFalse();
  }

  @Test
  void a_changed_text_is_judged_by_its_sources() {
    MessageRanges ranges = MessageRanges.of(List.of(written("ab"), message("c"), written("d")));
    TextBuffer text = new TextBuffer();
    text.clear(true);
    text.add('A', 0, 1);
    text.add('B', 1, 2);
    text.add('D', 3, 4); // what was said is gone
    assertThat(ranges.touches(text, 0, 2)).isFalse();
    assertThat(ranges.touches(text, 2, 3)).isFalse();
    assertThat(ranges.touches(text, 1, 3)).isTrue();
  }

  @Property(tries = 500)
  void every_range_is_judged_as_byte_by_byte(@ForAll List<Boolean> speakers) {
    List<ChatSegment> segments = new ArrayList<>();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < Math.min(speakers.size(), 20); i++) {
      String text = List.of("x", "", "é", "yz").get(i % 4);
      segments.add(new ChatSegment(text, speakers.get(i)));
      byte[] marks = new byte[text.getBytes(StandardCharsets.UTF_8).length];
      Arrays.fill(marks, (byte) (speakers.get(i) ? 'S' : '.'));
      expected.append(new String(marks, StandardCharsets.US_ASCII));
    }
    MessageRanges ranges = MessageRanges.of(segments);
    for (int start = 0; start < expected.length(); start++) {
      for (int end = start; end <= expected.length(); end++) {
        assertThat(ranges.touches(start, end))
            .isEqualTo(expected.substring(start, end).contains("S"));
      }
    }
  }
}
