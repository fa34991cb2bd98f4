package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;

/**
 * Removes the pieces that matter least: those whose loss lowers the likelihood of the words least
 * when each is replaced by the second-best way to cut it (Kudo 2018; Hugging Face's
 * prune_sentence_pieces in tokenizers/src/models/unigram/trainer.rs).
 */
final class PiecePruner {
  private final WordText words;
  private final UnigramLattice lattice;
  private final Cancellation cancellation;

  PiecePruner(WordText words, UnigramLattice lattice, Cancellation cancellation) {
    this.words = words;
    this.lattice = lattice;
    this.cancellation = cancellation;
  }

  /** The pieces that stay: at most this many, unless more cannot be replaced. */
  PieceSet prune(PieceSet pieces, int limit) {
    double[] frequencies = new double[pieces.size()];
    double wordCount = countBest(frequencies);
    double sum = 0;
    for (double frequency : frequencies) {
      sum += frequency;
    }
    double logSum = StrictMath.log(sum);

    PieceSet kept = new PieceSet();
    int[] candidates = new int[pieces.size()];
    double[] losses = new double[pieces.size()];
    int count = 0;
    for (int piece = 1; piece < pieces.size(); piece++) {
      if ((piece & 0xFFF) == 0) {
        cancellation.throwIfCancelled();
      }
      if (pieces.length(piece) == 1) {
        add(pieces, piece, kept);
        continue;
      }
      double frequency = frequencies[piece];
      if (frequency == 0) {
        continue; // in no best way: not needed
      }
      int from = pieces.start(piece);
      lattice.read(from, from + pieces.length(piece), piece);
      if (lattice.findBest() > pieces.score(piece)) {
        add(pieces, piece, kept); // as there, though it is hard to see how it got into a best way
        continue;
      }
      // then each replacement occurs as often as both it and the piece did
      double logSumAfter = StrictMath.log(sum + frequency * (lattice.pathLength() - 1));
      double scoreAfter = 0;
      for (int i = 0; i < lattice.pathLength(); i++) {
        scoreAfter += StrictMath.log(frequencies[lattice.path(i)] + frequency) - logSumAfter;
      }
      double score = StrictMath.log(frequency) - logSum;
      losses[count] = frequency / wordCount * (score - scoreAfter);
      candidates[count++] = piece;
    }
    int[] order = StableSort.sorted(count, (a, b) -> Double.compare(losses[b], losses[a]));
    for (int i = 0; i < count && kept.size() < limit; i++) {
      add(pieces, candidates[order[i]], kept);
    }
    return kept;
  }

  /** Counts the pieces in the best ways to cut the words; returns how many words there are. */
  private double countBest(double[] frequencies) {
    double wordCount = 0;
    for (int word = 0; word < words.size(); word++) {
      cancellation.throwIfCancelled();
      double times = words.count(word);
      lattice.read(words.start(word), words.end(word), -1);
      lattice.findBest();
      wordCount += times;
      for (int i = 0; i < lattice.pathLength(); i++) {
        frequencies[lattice.path(i)] += times;
      }
    }
    return wordCount;
  }

  private static void add(PieceSet from, int piece, PieceSet to) {
    to.add(from.start(piece), from.length(piece), from.score(piece));
  }
}
