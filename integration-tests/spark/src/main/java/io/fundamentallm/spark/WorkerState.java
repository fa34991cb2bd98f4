package io.fundamentallm.spark;

import java.io.Serializable;

/**
 * What a worker keeps between two rounds besides the weights: the moments of its optimiser, and
 * anything else that its trainer keeps in a checkpoint. A class of arrays, not a record, so that
 * Kryo can carry it too.
 */
final class WorkerState implements Serializable {
  private static final long serialVersionUID = 1;

  /** From 0. */
  final int worker;

  /** The name of the checkpoint; empty before the first round. */
  final String checkpoint;

  /** The checkpoint's files except those of the weights, as {@link PackedFiles} packs them. */
  final byte[] files;

  WorkerState(int worker, String checkpoint, byte[] files) {
    this.worker = worker;
    this.checkpoint = checkpoint;
    this.files = files;
  }

  /** Before the first round. */
  static WorkerState beginning(int worker) {
    return new WorkerState(worker, "", new byte[0]);
  }
}
