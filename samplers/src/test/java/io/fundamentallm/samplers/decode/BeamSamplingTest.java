package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Randomness;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BeamSamplingTest {
  private static final int[] PROMPT = {1, 2, 3};

  private static List<List<Integer>> run(String spec, long seed, long sequence) {
    ToyModel model =
        new ToyModel(ToyModel.info(7, 64).endTokens(Set.of(6)).build(), ToyModel.hashing());
    DecodingOptions options =
        DecodingOptions.builder().maxNewTokens(8).seed(seed).sequence(sequence).build();
    List<GeneratedSequence> sequences = Searches.run(spec, model, PROMPT, options);
    assertThat(sequences).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
    return Searches.allIds(sequences);
  }

  @Test
  void it_is_a_function_of_seed_and_sequence() {
    String spec = "beam(width=4,n=4,sample=true)";
    assertThat(run(spec, 5, 0)).isEqualTo(run(spec, 5, 0));
    Set<List<List<Integer>>> different = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      different.add(run(spec, i, 0));
      different.add(run(spec, 5, i + 1));
    }
    assertThat(different).hasSizeGreaterThan(15);
  }

  @Test
  void groups_draw_for_themselves() {
    List<List<Integer>> both = run("beam(width=2,groups=2,n=2,sample=true)", 1, 0);
    assertThat(both.get(0)).isNotEqualTo(both.get(1));
  }

  @Test
  void draws_have_the_probabilities_of_successive_draws_without_replacement() {
    double[] p = {0.5, 0.3, 0.15, 0.05, 0};
    int[][] pairs = new int[p.length][p.length];
    int runs = 40_000;
    for (int run = 0; run < runs; run++) {
      DrawnCandidates drawn = new DrawnCandidates(2, new Randomness(7, run), 0);
      for (int token = 0; token < p.length; token++) {
        drawn.offer(0, token, Math.log(p[token]) - 50, 0);
      }
      List<Candidate> two = drawn.take(3);
      assertThat(two).hasSize(2).isSortedAccordingTo(Candidate.BEST_FIRST);
      pairs[two.get(0).token()][two.get(1).token()]++;
    }
    for (int i = 0; i < p.length; i++) {
      for (int j = i + 1; j < p.length; j++) {
        double expected = p[i] * p[j] / (1 - p[i]) + p[j] * p[i] / (1 - p[j]);
        assertThat(pairs[i][j] / (double) runs)
            .as("%d and %d", i, j)
            .isCloseTo(expected, within(4 * Math.sqrt(expected / runs) + 1e-9));
      }
    }
  }

  @Test
  void many_candidates_are_drawn_by_their_mass_wherever_they_stand() {
    // 5,000 of small mass, and three that share most of it far apart
    int[] heavy = {0, 2_500, 4_999};
    int[] drawnFirst = new int[3];
    int runs = 3_000;
    for (int run = 0; run < runs; run++) {
      DrawnCandidates drawn = new DrawnCandidates(1, new Randomness(3, run), 0);
      for (int token = 0; token < 5_000; token++) {
        boolean isHeavy = token == heavy[0] || token == heavy[1] || token == heavy[2];
        drawn.offer(0, token, Math.log(isHeavy ? 5_000 : 1), 0);
      }
      int token = drawn.take(0).get(0).token();
      for (int i = 0; i < 3; i++) {
        drawnFirst[i] += token == heavy[i] ? 1 : 0;
      }
    }
    for (int count : drawnFirst) {
      assertThat(count / (double) runs).isCloseTo(0.25, within(0.04));
    }
  }

  @Test
  void what_has_no_probability_is_not_drawn_to_fill_the_beam() {
    DrawnCandidates drawn = new DrawnCandidates(4, new Randomness(1, 0), 0);
    drawn.offer(0, 3, -1, -1);
    drawn.offer(1, 2, -2000, -1);
    assertThat(drawn.take(0)).extracting(Candidate::token).containsExactly(3);
    assertThat(drawn.take(0)).isEmpty();
  }
}
