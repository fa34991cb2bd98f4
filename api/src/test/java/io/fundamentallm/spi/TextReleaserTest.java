package io.fundamentallm.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class TextReleaserTest {
  @Test
  void only_the_longest_suffix_that_could_become_a_stop_is_held() {
    TextReleaser releaser = new TextReleaser(List.of("\n\nUser:", "END"));
    assertThat(releaser.append("text\n")).isEqualTo("text");
    assertThat(releaser.append("more EN")).isEqualTo("\nmore ");
    assertThat(releaser.append("EN")).isEqualTo("EN");
    assertThat(releaser.append("D")).isEmpty();
    assertThat(releaser.matched()).isNotNull();
    assertThat(releaser.append("after")).isEmpty();
    assertThat(releaser.finish()).isEmpty();
  }

  @Test
  void the_earliest_stop_ends_the_text() {
    TextReleaser releaser = new TextReleaser(List.of("cd", "bcx"));
    assertThat(releaser.append("abcdbcx")).isEqualTo("ab");
    assertThat(releaser.matched()).isNotNull();
  }

  @Test
  void what_is_held_is_given_at_the_end() {
    TextReleaser releaser = new TextReleaser(List.of("aab"));
    assertThat(releaser.append("xaa")).isEqualTo("x");
    assertThat(releaser.append("a")).isEqualTo("a");
    assertThat(releaser.matched()).isNull();
    assertThat(releaser.finish()).isEqualTo("aa");
  }

  @Test
  void without_stops_nothing_is_held() {
    assertThat(new TextReleaser(List.of()).append("any")).isEqualTo("any");
  }

  @Property
  void no_stop_is_ever_shown_and_nothing_before_it_is_lost(
      @ForAll @Size(max = 15)
          List<@CharRange(from = 'a', to = 'c') @StringLength(max = 3) String> pieces,
      @ForAll @Size(min = 1, max = 3)
          List<@CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 4) String> stops) {
    TextReleaser releaser = new TextReleaser(stops);
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
