package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;

/**
 * How the files of one kind of model hold its weights.
 *
 * @param names what the tensors are called
 * @param transposed whether matrices of linear layers are stored as [inputs][outputs], as in GPT-2
 * @param order of the rows of queries and keys, and of values if all are in one tensor
 * @param queryKeyValueBias on queries, keys and values
 * @param attentionOutBias on the layer after attention
 * @param innerBias on the feed-forward layers
 * @param tied whether the head is the token embedding
 */
public record Architecture(
    TensorNames names,
    boolean transposed,
    HeadOrder order,
    Bias queryKeyValueBias,
    Bias attentionOutBias,
    Bias innerBias,
    boolean tied) {

  /** Whether linear layers have a bias. */
  public enum Bias {
    /** They do. */
    REQUIRED,
    /** They do if the file does. */
    OPTIONAL,
    /** They do not. */
    ABSENT;

    public static Bias of(boolean present) {
      return present ? REQUIRED : ABSENT;
    }
  }
}
