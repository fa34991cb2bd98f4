package io.fundamentallm.samplers.decode;

import io.fundamentallm.contract.ToyModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The published rule of beam search, written out plainly, and the list of all sequences. */
record ReferenceBeam(
    ToyModel.Scores scores, int vocabularySize, int end, int[] prompt, int maxNewTokens) {
  /** A sequence, its sum of log-probabilities and, once finished, its score. */
  record Written(List<Integer> tokens, double sum, double score) {}

  /** Whether a search may stop, given the worst kept score, the best live sum and its length. */
  interface Stopping {
    boolean stops(double worst, double sum, int length);
  }

  /** The finished sequences that are kept, best first. */
  List<Written> search(int width, double lengthPenalty, Stopping stopping) {
    List<Written> kept = new ArrayList<>();
    List<Written> live = List.of(new Written(List.of(), 0, Double.NaN));
    while (!live.isEmpty()) {
      List<Written> candidates = new ArrayList<>();
      for (Written beam : live) {
        double[] logProbabilities = logProbabilities(beam.tokens);
        for (int token = 0; token < vocabularySize; token++) {
          List<Integer> tokens = new ArrayList<>(beam.tokens);
          tokens.add(token);
          double sum = beam.sum + logProbabilities[token];
          double score = sum / Math.pow(tokens.size(), lengthPenalty);
          candidates.add(new Written(tokens, sum, score));
        }
      }
      // stable: equal sums stay in order of beam and token
      candidates.sort(Comparator.comparingDouble(Written::sum).reversed());
      live = new ArrayList<>();
      for (int rank = 0; rank < candidates.size() && live.size() < width; rank++) {
        Written candidate = candidates.get(rank);
        if (!ends(candidate.tokens)) {
          live.add(candidate);
        } else if (rank < width) {
          kept.add(candidate);
        }
      }
      kept.sort(Comparator.comparingDouble(Written::score).reversed());
      kept = new ArrayList<>(kept.subList(0, Math.min(width, kept.size())));
      if (!live.isEmpty() && kept.size() == width) {
        Written best = live.get(0);
        if (width == 1 || stopping.stops(kept.get(width - 1).score, best.sum, best.tokens.size())) {
          break;
        }
      }
    }
    return kept;
  }

  /** Every sequence that ends, best first. */
  List<Written> enumerate(double lengthPenalty) {
    List<Written> all = new ArrayList<>();
    extend(List.of(), 0, lengthPenalty, all);
    all.sort(Comparator.comparingDouble(Written::score).reversed());
    return all;
  }

  private void extend(List<Integer> tokens, double sum, double penalty, List<Written> all) {
    if (ends(tokens)) {
      all.add(new Written(tokens, sum, sum / Math.pow(tokens.size(), penalty)));
      return;
    }
    double[] logProbabilities = logProbabilities(tokens);
    for (int token = 0; token < vocabularySize; token++) {
      List<Integer> longer = new ArrayList<>(tokens);
      longer.add(token);
      extend(longer, sum + logProbabilities[token], penalty, all);
    }
  }

  private boolean ends(List<Integer> tokens) {
    return tokens.size() == maxNewTokens
        || (!tokens.isEmpty() && tokens.get(tokens.size() - 1) == end);
  }

  private double[] logProbabilities(List<Integer> tokens) {
    int[] all = new int[prompt.length + tokens.size()];
    System.arraycopy(prompt, 0, all, 0, prompt.length);
    for (int i = 0; i < tokens.size(); i++) {
      all[prompt.length + i] = tokens.get(i);
    }
    float[] row = new float[vocabularySize];
    scores.score(all, all.length, row);
    double total = 0;
    for (float logit : row) {
      total += Math.exp(logit);
    }
    double[] logProbabilities = new double[vocabularySize];
    for (int token = 0; token < vocabularySize; token++) {
      logProbabilities[token] = row[token] - Math.log(total);
    }
    return logProbabilities;
  }
}
