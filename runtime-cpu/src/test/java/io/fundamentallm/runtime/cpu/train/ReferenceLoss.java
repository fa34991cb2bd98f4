package io.fundamentallm.runtime.cpu.train;

/** The objective in double precision: the mean over the targets that are not ignored. */
final class ReferenceLoss {

  private ReferenceLoss() {}

  /** Of logits [rows][V]. */
  static double forward(
      int vocabulary, double[] logits, int[] targets, int ignore, ReferenceSwitches switches) {
    double sum = 0;
    int count = 0;
    for (int r = 0; r < targets.length; r++) {
      if (targets[r] != ignore) {
        double logSum = logSum(vocabulary, logits, r);
        for (int v = 0; v < vocabulary; v++) {
          double wanted = wanted(vocabulary, v == targets[r], switches.smoothing());
          sum += wanted * (logSum - logits[r * vocabulary + v]);
        }
        sum += switches.zLoss() * logSum * logSum;
        count++;
      }
    }
    return sum / count;
  }

  static void backward(
      int vocabulary,
      double[] logits,
      int[] targets,
      int ignore,
      ReferenceSwitches switches,
      double[] dlogits) {
    int count = 0;
    for (int target : targets) {
      count += target == ignore ? 0 : 1;
    }
    for (int r = 0; r < targets.length; r++) {
      if (targets[r] != ignore) {
        double logSum = logSum(vocabulary, logits, r);
        for (int v = 0; v < vocabulary; v++) {
          double p = Math.exp(logits[r * vocabulary + v] - logSum);
          double wanted = wanted(vocabulary, v == targets[r], switches.smoothing());
          double slope = p - wanted + 2 * switches.zLoss() * logSum * p;
          dlogits[r * vocabulary + v] += slope / count;
        }
      }
    }
  }

  private static double wanted(int vocabulary, boolean target, double smoothing) {
    return (target ? 1 - smoothing : 0) + smoothing / vocabulary;
  }

  private static double logSum(int vocabulary, double[] logits, int r) {
    double sum = 0;
    for (int v = 0; v < vocabulary; v++) {
      sum += Math.exp(logits[r * vocabulary + v]);
    }
    return Math.log(sum);
  }
}
