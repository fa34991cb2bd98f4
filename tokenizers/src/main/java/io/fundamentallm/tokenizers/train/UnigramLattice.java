package io.fundamentallm.tokenizers.train;

import java.util.Arrays;

/**
 * All ways to cut a word into pieces (Kudo 2018). Probabilities are multiplied as they are, with a
 * power of two kept apart at each place, instead of adding logarithms: this needs no exponentials
 * in the inner loop, and gives the same bits on every JVM. A character that is not a piece is an
 * unknown, with a score below that of all pieces (kUnkPenalty in SentencePiece's and Hugging Face's
 * unigram model). Reused; one thread at a time.
 */
final class UnigramLattice {
  private static final double UNKNOWN_PENALTY = 10;

  /** Beyond these a place's power of two is adjusted. */
  private static final double TINY = 0x1p-200;

  private static final double HUGE = 0x1p200;

  private final int[] text;
  private PieceTrie trie;
  private double[] scores = {}; // [pieces]
  private double[] probabilities = {}; // [pieces]

  /**
   * The pieces that begin at each place, and where they end; those of place i start at edgesAt[i].
   */
  private int[] edgesAt = new int[64];

  private int[] edgePieces = new int[256];
  private int[] edgeEnds = new int[256];
  private int length;

  private double[] values = new double[64];
  private int[] powers = new int[64];
  private double[] backValues = new double[64];
  private int[] backPowers = new int[64];
  private int[] best = new int[64];
  private int[] begins = new int[64];
  private int[] path = new int[64];
  private int pathLength;

  UnigramLattice(int[] text, PieceTrie trie, PieceSet pieces) {
    this.text = text;
    this.trie = trie;
    use(trie, pieces);
  }

  /** Switches to these pieces. */
  void use(PieceTrie trie, PieceSet pieces) {
    this.trie = trie;
    int size = pieces.size();
    scores = new double[size];
    probabilities = new double[size];
    scores[0] = pieces.minScore() - UNKNOWN_PENALTY;
    for (int piece = 0; piece < size; piece++) {
      if (piece > 0) {
        scores[piece] = pieces.score(piece);
      }
      probabilities[piece] = StrictMath.exp(scores[piece]);
    }
  }

  /** Reads a part of the text; this piece must not cover all of it (-1 for no such rule). */
  void read(int from, int to, int without) {
    length = to - from;
    if (edgesAt.length < length + 2) {
      int capacity = length + (length >> 1) + 2;
      edgesAt = new int[capacity];
      values = new double[capacity];
      powers = new int[capacity];
      backValues = new double[capacity];
      backPowers = new int[capacity];
      best = new int[capacity];
      begins = new int[capacity];
      path = new int[capacity];
    }
    int edges = 0;
    for (int place = 0; place < length; place++) {
      edgesAt[place] = edges;
      boolean known = false;
      int node = trie.step(0, text[from + place]);
      for (int end = place + 1; node >= 0; end++) {
        int piece = trie.piece(node);
        if (piece >= 0 && piece != without) {
          edges = addEdge(edges, piece, end);
          known |= end == place + 1;
        }
        node = end < length ? trie.step(node, text[from + end]) : -1;
      }
      if (!known) {
        edges = addEdge(edges, 0, place + 1);
      }
    }
    edgesAt[length] = edges;
  }

  private int addEdge(int edges, int piece, int end) {
    if (edges == edgePieces.length) {
      edgePieces = Arrays.copyOf(edgePieces, 2 * edges);
      edgeEnds = Arrays.copyOf(edgeEnds, 2 * edges);
    }
    edgePieces[edges] = piece;
    edgeEnds[edges] = end;
    return edges + 1;
  }

  /** Adds to each piece how often it is expected in this many words like this one. */
  void expect(double times, double[] expected) {
    forward();
    backward();
    double total = values[length];
    int power = powers[length];
    for (int place = 0; place < length; place++) {
      for (int edge = edgesAt[place]; edge < edgesAt[place + 1]; edge++) {
        int piece = edgePieces[edge];
        int end = edgeEnds[edge];
        double share = values[place] / total * probabilities[piece] * backValues[end];
        int shift = powers[place] + backPowers[end] - power;
        expected[piece] += times * (shift == 0 ? share : Math.scalb(share, shift));
      }
    }
  }

  private void forward() {
    Arrays.fill(values, 0, length + 1, 0);
    values[0] = 1;
    powers[0] = 0;
    int power = 0;
    int reached = 0;
    for (int place = 0; place < length; place++) {
      if (values[place] < TINY || values[place] > HUGE) {
        // this place, and those after it that were reached, were written with the old power
        int shift = Math.getExponent(values[place]);
        for (int later = place; later <= reached; later++) {
          values[later] = Math.scalb(values[later], -shift);
        }
        power += shift;
      }
      powers[place] = power;
      double value = values[place];
      for (int edge = edgesAt[place]; edge < edgesAt[place + 1]; edge++) {
        values[edgeEnds[edge]] += value * probabilities[edgePieces[edge]];
        reached = Math.max(reached, edgeEnds[edge]);
      }
    }
    powers[length] = power;
  }

  private void backward() {
    backValues[length] = 1;
    backPowers[length] = 0;
    for (int place = length - 1; place >= 0; place--) {
      int power = backPowers[place + 1];
      double value = 0;
      for (int edge = edgesAt[place]; edge < edgesAt[place + 1]; edge++) {
        int end = edgeEnds[edge];
        double part = probabilities[edgePieces[edge]] * backValues[end];
        value += backPowers[end] == power ? part : Math.scalb(part, backPowers[end] - power);
      }
      if (value < TINY || value > HUGE) {
        int shift = Math.getExponent(value);
        value = Math.scalb(value, -shift);
        power += shift;
      }
      backValues[place] = value;
      backPowers[place] = power;
    }
  }

  /**
   * Finds the best way; of equally good ones, the one with the longest last piece, then the longest
   * piece before it.
   *
   * @return its score
   */
  double findBest() {
    Arrays.fill(values, 0, length + 1, Double.NEGATIVE_INFINITY);
    values[0] = 0;
    for (int place = 0; place < length; place++) {
      for (int edge = edgesAt[place]; edge < edgesAt[place + 1]; edge++) {
        int end = edgeEnds[edge];
        double score = values[place] + scores[edgePieces[edge]];
        if (score > values[end]) {
          values[end] = score;
          best[end] = edge;
          begins[end] = place;
        }
      }
    }
    pathLength = 0;
    for (int end = length; end > 0; end = begins[end]) {
      path[pathLength++] = edgePieces[best[end]];
    }
    return values[length];
  }

  /** How many pieces the best way has. */
  int pathLength() {
    return pathLength;
  }

  /** A piece of the best way, from its end. */
  int path(int index) {
    return path[index];
  }
}
