package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.samplers.decode.ReferenceBeam.Stopping;
import io.fundamentallm.samplers.decode.ReferenceBeam.Written;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beam search against the rule written out, and against all sequences there are. */
class BeamReferenceTest {
  private static final int V = 7;
  private static final int END = 6;

  /** Logits in [-6, 6) by a hash, so that some tokens are likely and the end is sometimes. */
  private static final ToyModel.Scores SHARP =
      (tokens, length, row) -> {
        ToyModel.hashing().score(tokens, length, row);
        for (int token = 0; token < row.length; token++) {
          row[token] *= 3;
        }
      };

  private static ReferenceBeam reference(int model, int maxNewTokens) {
    ToyModel.Scores scores = model % 2 == 0 ? ToyModel.hashing() : SHARP;
    return new ReferenceBeam(scores, V, END, new int[] {model % V, 5, model / V}, maxNewTokens);
  }

  private static List<GeneratedSequence> search(ReferenceBeam reference, String spec) {
    ToyModel model =
        new ToyModel(ToyModel.info(V, 32).endTokens(Set.of(END)).build(), reference.scores());
    DecodingOptions options =
        DecodingOptions.builder().maxNewTokens(reference.maxNewTokens()).build();
    return Searches.run(spec, model, reference.prompt(), options);
  }

  private static void assertSame(
      List<GeneratedSequence> actual, List<Written> expected, String what) {
    assertThat(Searches.allIds(actual))
        .as(what)
        .isEqualTo(expected.stream().map(Written::tokens).toList());
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).score()).as(what).isCloseTo(expected.get(i).score(), within(1e-9));
    }
  }

  private static String spec(int width, double lengthPenalty, String stopping) {
    return String.format(
        "beam(width=%d,n=%d,length-penalty=%s,early-stopping=%s)",
        width, width, lengthPenalty, stopping);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.6, 1, 2, -1, -0.5})
  void it_is_the_plain_reference_at_every_width(double penalty) {
    int ran = 0;
    for (int model = 0; model < 5; model++) {
      for (int max = 1; max <= 6; max++) {
        ReferenceBeam reference = reference(model, max);
        int last = max;
        for (int width = 1; width <= 8; width++) {
          for (String name : List.of("true", "false", "proven")) {
            Stopping stopping =
                switch (name) {
                  case "true" -> (worst, sum, length) -> true;
                  case "false" -> (worst, sum, length) -> worst >= sum / Math.pow(length, penalty);
                  // a search that is not stopped: what is proven changes nothing
                  default -> (worst, sum, length) -> false;
                };
            String spec = spec(width, penalty, name);
            assertSame(
                search(reference, spec),
                reference.search(width, penalty, stopping),
                spec + ", model " + model + ", " + last + " tokens");
            ran++;
          }
        }
      }
    }
    assertThat(ran).isEqualTo(5 * 6 * 8 * 3);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.6, 1, 2, -1})
  void a_width_of_every_beginning_is_full_enumeration(double penalty) {
    int width = 1;
    for (int max = 1; max <= 5; max++) {
      for (int model = 0; model < (max < 5 ? 8 : 2); model++) {
        ReferenceBeam reference = reference(model, max);
        List<Written> all = reference.enumerate(penalty);
        for (int more : new int[] {0, 1}) {
          int n = Math.min(width + more, all.size());
          assertSame(
              search(reference, spec(width + more, penalty, "proven")),
              all.subList(0, n),
              spec(width + more, penalty, "proven") + ", model " + model);
        }
      }
      width *= V;
    }
  }

  @Test
  void six_tokens_with_a_width_of_every_beginning_are_full_enumeration() {
    int width = 16_807;
    ReferenceBeam reference = reference(3, 6);
    assertSame(
        search(reference, spec(width, 0.6, "proven")),
        reference.enumerate(0.6).subList(0, width),
        "width " + width);
  }

  @Test
  void a_width_of_one_is_greedy() {
    for (int model = 0; model < 40; model++) {
      ReferenceBeam reference = reference(model, 12);
      ToyModel toy =
          new ToyModel(ToyModel.info(V, 32).endTokens(Set.of(END)).build(), reference.scores());
      DecodingOptions options =
          DecodingOptions.builder().maxNewTokens(12).sampler(Samplers.greedy()).build();
      List<List<Integer>> greedy =
          Searches.allIds(Searches.run("sampling", toy, reference.prompt(), options));
      for (String spec : List.of("beam(width=1)", "beam(width=1,early-stopping=false)")) {
        assertThat(Searches.allIds(search(reference, spec))).isEqualTo(greedy);
      }
    }
  }

  @Test
  void a_proven_end_comes_before_the_last_token_where_it_can() {
    // the end is nearly certain: everything else can be excluded at once
    ToyModel.Scores scores = (tokens, length, row) -> row[END] = 20;
    ToyModel model = new ToyModel(ToyModel.info(V, 64).endTokens(Set.of(END)).build(), scores);
    DecodingOptions options = DecodingOptions.builder().maxNewTokens(40).build();
    List<GeneratedSequence> best =
        Searches.run("beam(width=2,length-penalty=0,n=2)", model, new int[] {0}, options);
    assertThat(Searches.allIds(best)).containsExactly(List.of(END), List.of(0, END));
    // the prompt, then one token: after two of them, both kept are better than any third
    assertThat(model.forwards()).isEqualTo(2);
  }
}
