package io.fundamentallm.spark;

import java.io.Serializable;

/**
 * What a worker knows between two rounds besides the weights: the moments of its optimiser, and
 * whatever else its trainer keeps in a checkpoint. A class of arrays and not a record, so that
 * Kryo, too, can carry it.
 */
final class WorkerState implements Serializable {
  private static final long serialVersionUID = 1;

  /** From 0. */
  final int worker;

  /** The name of the checkpoint; empty before the first round. */
  final String checkpoint;

  /** The checkpoint's files but for those of the weights, as {@link PackedFiles} packs them. */
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
