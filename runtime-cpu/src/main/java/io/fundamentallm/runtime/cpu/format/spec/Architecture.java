package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;

/**
 * How the files of one kind of model hold its weights.
 *
 * @param names what the tensors are called
 * @param transposed whether matrices of linear layers are stored as [inputs][outputs], as in GPT-2
 * @param order of the rows of queries and keys, and of values if all are in one tensor
 * @param biases which linear layers have them
 * @param tied whether the head is the token embedding
 * @param normOffset what is added to the stored weights of RMSNorms
 */
public record Architecture(
    TensorNames names,
    boolean transposed,
    HeadOrder order,
    Biases biases,
    boolean tied,
    float normOffset) {

  /**
   * Which linear layers have biases.
   *
   * @param queryKeyValue on queries, keys and values
   * @param attentionOut on the layer after attention
   * @param inner on the feed-forward layers
   * @param experts on experts and on what chooses them
   */
  public record Biases(Bias queryKeyValue, Bias attentionOut, Bias inner, Bias experts) {}

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
