package io.fundamentallm.tokenizers.train;

import io.fundamentallm.spi.Learning;

/**
 * Expectation maximization over all ways to cut the words, and pruning in between, until there are
 * about as many pieces as requested (Kudo 2018; Hugging Face's UnigramTrainer::_train, run_e_step
 * and run_m_step in tokenizers/src/models/unigram/trainer.rs).
 */
final class UnigramLearner {
  /** Pieces expected less often than this are dropped (run_m_step). */
  private static final double MIN_EXPECTED = 0.5;

  private final WordText words;
  private final UnigramSettings settings;
  private final Learning learning;

  private PieceSet pieces;
  private PieceTrie trie;
  private final UnigramLattice lattice;

  UnigramLearner(WordText words, UnigramSettings settings, Learning learning) {
    this.words = words;
    this.settings = settings;
    this.learning = learning;
    learning.onProgress("find seed pieces", 0, 1);
    pieces =
        SeedPieces.find(
            words, settings.maxPieceLength(), settings.seedSize(), learning.cancellation());
    trie = new PieceTrie(pieces, words.text());
    lattice = new UnigramLattice(words.text(), trie, pieces);
    learning.onProgress("find seed pieces", 1, 1);
  }

  /** The pieces found, somewhat more than requested. */
  PieceSet learn() {
    int wanted = (int) (settings.vocabSize() * 11L / 10);
    int seeds = pieces.size();
    while (true) {
      for (int i = 0; i < settings.subIterations(); i++) {
        maximize(expect());
        learning.onProgress(
            "drop pieces", Math.max(0, seeds - pieces.size()), Math.max(0, seeds - wanted));
      }
      int before = pieces.size();
      if (before <= wanted) {
        return pieces;
      }
      int limit = Math.max(wanted, (int) (before * settings.shrinkingFactor()));
      pieces = new PiecePruner(words, lattice, learning.cancellation()).prune(pieces, limit);
      if (pieces.size() == before) {
        return pieces; // nothing can be replaced: more characters than pieces wanted
      }
      trie = new PieceTrie(pieces, words.text());
      lattice.use(trie, pieces);
    }
  }

  private double[] expect() {
    double[] expected = new double[pieces.size()];
    for (int word = 0; word < words.size(); word++) {
      learning.throwIfCancelled();
      lattice.read(words.start(word), words.end(word), -1);
      lattice.expect((double) words.count(word), expected);
    }
    return expected;
  }

  /**
   * New scores, with the digamma function instead of the logarithm: a sparse prior (Liang and
   * Klein, Structured Bayesian nonparametric models with variational inference, ACL 2007 tutorial).
   */
  private void maximize(double[] expected) {
    PieceSet next = new PieceSet();
    int[] numbers = new int[pieces.size()];
    double sum = 0;
    for (int piece = 1; piece < pieces.size(); piece++) {
      numbers[piece] = -1;
      if (expected[piece] >= MIN_EXPECTED) {
        numbers[piece] = next.size();
        next.add(pieces.start(piece), pieces.length(piece), expected[piece]);
        sum += expected[piece];
      }
    }
    double logSum = digamma(sum);
    for (int piece = 1; piece < next.size(); piece++) {
      next.score(piece, digamma(next.score(piece)) - logSum);
    }
    pieces = next;
    trie.renumber(numbers);
    lattice.use(trie, pieces);
  }

  /** The derivative of log gamma, by its asymptotic series (SentencePiece's unigram trainer). */
  static double digamma(double value) {
    double x = value;
    double result = 0;
    for (; x < 7; x++) {
      result -= 1 / x;
    }
    x -= 0.5;
    double xx = 1 / (x * x);
    double xx2 = xx * xx;
    return result
        + StrictMath.log(x)
        + xx / 24
        - 7.0 / 960 * xx2
        + 31.0 / 8064 * xx2 * xx
        - 127.0 / 30720 * xx2 * xx2;
  }
}
