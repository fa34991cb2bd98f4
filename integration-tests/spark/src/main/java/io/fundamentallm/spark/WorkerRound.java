package io.fundamentallm.spark;

import java.io.Serializable;

/** The outcome of one worker's round. A class of arrays, as {@link WorkerState} is. */
final class WorkerRound implements Serializable {
  private static final long serialVersionUID = 1;

  final WorkerState state;

  /** The weights after the steps less those before. */
  final float[][] difference;

  /** How it went. */
  final Summary summary;

  WorkerRound(WorkerState state, float[][] difference, Summary summary) {
    this.state = state;
    this.difference = difference;
    this.summary = summary;
  }

  /** The figures of a round. */
  static final class Summary implements Serializable {
    private static final long serialVersionUID = 1;

    /** Mean over the steps, in nats per token. */
    final double loss;

    /** Of the last step. */
    final double learningRate;

    /** Of the last step, before clipping. */
    final double gradientNorm;

    Summary(double loss, double learningRate, double gradientNorm) {
      this.loss = loss;
      this.learningRate = learningRate;
      this.gradientNorm = gradientNorm;
    }
  }
}
