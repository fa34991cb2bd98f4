package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.model.Cancellation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class UnigramLatticeTest {
  @Property(tries = 500, seed = "31")
  void expectations_and_best_ways_are_those_of_all_ways_written_out(
      @ForAll @Size(min = 1, max = 6)
          List<@StringLength(min = 1, max = 9) @CharRange(from = 'a', to = 'c') String> words) {
    WordCounts counts = new WordCounts();
    words.forEach(word -> Words.add(counts, word, 2));
    WordText text = new WordText(counts, Cancellation.none());
    PieceSet pieces = SeedPieces.find(text, 4, 100, Cancellation.none());
    UnigramLattice lattice =
        new UnigramLattice(text.text(), new PieceTrie(pieces, text.text()), pieces);
    Map<String, Integer> ids = new HashMap<>();
    for (int piece = 1; piece < pieces.size(); piece++) {
      ids.put(new String(text.text(), pieces.start(piece), pieces.length(piece)), piece);
    }
    for (int word = 0; word < text.size(); word++) {
      int from = text.start(word);
      String form = new String(text.text(), from, text.end(word) - from);
      double[] plain = new double[pieces.size()];
      AllWays all = new AllWays(ids, pieces, plain);
      all.walk(form, 1, 0, new int[0]);

      double[] expected = new double[pieces.size()];
      lattice.read(from, text.end(word), -1);
      lattice.expect(1, expected);
      for (int piece = 0; piece < expected.length; piece++) {
        assertThat(expected[piece]).isCloseTo(plain[piece] / all.total, within(1e-9));
      }
      assertThat(lattice.findBest()).isCloseTo(all.best, within(1e-9));
    }
  }

  /** Every way to cut a word, one after the other. */
  private static final class AllWays {
    private final Map<String, Integer> ids;
    private final PieceSet pieces;
    private final double[] expected;
    private double total;
    private double best = Double.NEGATIVE_INFINITY;

    AllWays(Map<String, Integer> ids, PieceSet pieces, double[] expected) {
      this.ids = ids;
      this.pieces = pieces;
      this.expected = expected;
    }

    void walk(String rest, double probability, double score, int[] path) {
      if (rest.isEmpty()) {
        total += probability;
        best = Math.max(best, score);
        for (int piece : path) {
          expected[piece] += probability;
        }
        return;
      }
      for (int length = 1; length <= rest.length(); length++) {
        Integer piece = ids.get(rest.substring(0, length));
        if (piece != null) {
          int[] longer = Arrays.copyOf(path, path.length + 1);
          longer[path.length] = piece;
          double more = pieces.score(piece);
          walk(rest.substring(length), probability * Math.exp(more), score + more, longer);
        }
      }
    }
  }
}
