package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.decoding.TokenBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Prompt lookup beside a search of the whole text. */
class PromptLookupTest {
  @Property(tries = 2000)
  void lookup_finds_what_a_search_of_the_whole_text_finds(
      @ForAll @Size(min = 1, max = 120) List<@IntRange(min = 0, max = 3) Integer> text,
      @ForAll @IntRange(min = 1, max = 5) int longest,
      @ForAll @IntRange(min = 1, max = 5) int shortest,
      @ForAll @IntRange(min = 1, max = 12) int count,
      @ForAll boolean earliest,
      @ForAll boolean chained) {
    PromptLookup.Rule rule =
        new PromptLookup.Rule(longest, Math.min(shortest, longest), earliest, chained);
    PromptLookup lookup = new PromptLookup(rule);
    TokenBuffer history = TokenBuffer.ofPrompt(text.get(0));
    for (int i = 1; i < text.size(); i++) {
      history.append(text.get(i));
      // not after each token, so that several are added at a time
      if (i % 3 == text.size() % 3 || i == text.size() - 1) {
        assertThat(lookup.propose(history, count))
            .as("%s of %s", rule, text.subList(0, i + 1))
            .isEqualTo(searched(text.subList(0, i + 1), count, rule));
      }
    }
  }

  private static List<Integer> searched(List<Integer> text, int count, PromptLookup.Rule rule) {
    List<Integer> guess = new ArrayList<>();
    List<Integer> end = new ArrayList<>(text);
    while (guess.size() < count) {
      int next = continuation(text, end, rule);
      if (next < 0) {
        break;
      }
      if (!rule.chained()) {
        return text.subList(next, Math.min(text.size(), next + count));
      }
      guess.add(text.get(next));
      end.add(text.get(next));
    }
    return guess;
  }

  private static int continuation(List<Integer> text, List<Integer> end, PromptLookup.Rule rule) {
    for (int n = rule.longest(); n >= rule.shortest(); n--) {
      int found = -1;
      for (int from = 0; n <= end.size() && from + n < text.size(); from++) {
        if (text.subList(from, from + n).equals(end.subList(end.size() - n, end.size()))) {
          if (rule.earliest()) {
            return from + n;
          }
          found = from + n;
        }
      }
      if (found >= 0) {
        return found;
      }
    }
    return -1;
  }

  @Test
  void a_text_of_any_tokens_keeps_its_n_grams_apart() {
    PromptLookup lookup = new PromptLookup(new PromptLookup.Rule(2, 2, false, false));
    TokenBuffer history = TokenBuffer.ofPrompt(0);
    for (int i = 1; i < 50_000; i++) {
      history.append(i * 7919 % 100_003);
    }
    history.append(7919);
    history.append(2 * 7919);
    assertThat(lookup.propose(history, 3)).containsExactly(3 * 7919, 4 * 7919, 5 * 7919);
    assertThat(lookup.propose(history, 0)).isEmpty();
  }
}
