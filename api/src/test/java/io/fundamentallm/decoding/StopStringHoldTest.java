package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class StopStringHoldTest {
  @Test
  void only_the_longest_suffix_that_could_become_a_stop_is_held() {
    StopStringHold releaser = new StopStringHold(List.of("\n\nUser:", "END"), false);
    assertThat(releaser.append("text\n")).isEqualTo("text");
    assertThat(releaser.append("more EN")).isEqualTo("\nmore ");
    assertThat(releaser.append("EN")).isEqualTo("EN");
    assertThat(releaser.append("D")).isEmpty();
    assertThat(releaser.matched()).isNotNull();
    assertThat(releaser.append("after")).isEmpty();
    assertThat(releaser.finish()).isEmpty();
  }

  @Test
  void the_stop_that_is_complete_first_ends_the_text() {
    StopStringHold releaser = new StopStringHold(List.of("cd", "bcx"), false);
    assertThat(releaser.append("abcdbcx")).isEqualTo("ab");
    assertThat(releaser.matched()).isEqualTo("cd");
    StopStringHold inside = new StopStringHold(List.of("bcd", "c"), false);
    assertThat(inside.append("abcd")).isEqualTo("ab");
    assertThat(inside.matched()).isEqualTo("c");
    StopStringHold together = new StopStringHold(List.of("d", "bcd", "cd"), true);
    assertThat(together.append("abcdd")).isEqualTo("abcd");
    assertThat(together.matched()).isEqualTo("bcd");
  }

  @Property
  void in_which_pieces_the_text_comes_does_not_matter(
      @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 20) String text,
      @ForAll @Size(min = 1, max = 3)
          List<@CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 4) String> stops,
      @ForAll boolean includeStop,
      @ForAll @Size(max = 5) List<@IntRange(min = 1, max = 9) Integer> lengths) {
    StopStringHold whole = new StopStringHold(stops, includeStop);
    String expected = whole.append(text) + whole.finish();
    StopStringHold pieces = new StopStringHold(stops, includeStop);
    StringBuilder shown = new StringBuilder();
    int at = 0;
    for (int i = 0; at < text.length(); i++) {
      int to = i < lengths.size() ? Math.min(text.length(), at + lengths.get(i)) : at + 1;
      shown.append(pieces.append(text.substring(at, to)));
      at = to;
    }
    assertThat(shown + pieces.finish()).isEqualTo(expected);
    assertThat(pieces.matched()).isEqualTo(whole.matched());
  }

  @Test
  void what_is_held_is_given_at_the_end() {
    StopStringHold releaser = new StopStringHold(List.of("aab"), false);
    assertThat(releaser.append("xaa")).isEqualTo("x");
    assertThat(releaser.append("a")).isEqualTo("a");
    assertThat(releaser.matched()).isNull();
    assertThat(releaser.finish()).isEqualTo("aa");
  }

  @Test
  void without_stops_nothing_is_held() {
    assertThat(new StopStringHold(List.of(), false).append("any")).isEqualTo("any");
  }

  @Property
  void no_stop_is_ever_shown_and_nothing_before_it_is_lost(
      @ForAll @Size(max = 15)
          List<@CharRange(from = 'a', to = 'c') @StringLength(max = 3) String> pieces,
      @ForAll @Size(min = 1, max = 3)
          List<@CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 4) String> stops) {
    StopStringHold releaser = new StopStringHold(stops, false);
    StringBuilder shown = new StringBuilder();
    StringBuilder taken = new StringBuilder();
    for (String piece : pieces) {
      shown.append(releaser.append(piece));
      taken.append(piece);
      assertThat(taken).startsWith(shown);
      for (String stop : stops) {
        assertThat(shown).doesNotContain(stop);
      }
      if (releaser.matched() != null) {
        assertThat(stops).anyMatch(stop -> taken.indexOf(stop) == shown.length());
        return;
      }
      assertThat(stops).noneMatch(stop -> taken.indexOf(stop) >= 0);
    }
    assertThat(shown + releaser.finish()).isEqualTo(taken.toString());
  }
}
