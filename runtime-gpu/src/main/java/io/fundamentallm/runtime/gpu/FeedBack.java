package io.fundamentallm.runtime.gpu;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.Result;
import io.fundamentallm.runtime.gpu.Graph.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of one run are the inputs of the next, as they are: no byte goes through the heap.
 * Each run allocates keys and values of the whole sequence anew, since the graph appends to the
 * past by copying it; sequences that forked share what they had until each runs on. Truncating
 * copies the kept part, for a graph takes a past only as a tensor of exactly its length.
 */
final class FeedBack implements CacheStrategy {
  private static final int[] NOTHING = {};

  private final OrtEnvironment environment;
  private final List<Slot> slots;
  private final Set<String> outputs = new LinkedHashSet<>();

  FeedBack(OrtEnvironment environment, Graph graph) {
    this.environment = environment;
    this.slots = graph.slots();
    slots.forEach(slot -> outputs.add(slot.present()));
  }

  @Override
  public String name() {
    return "keys and values fed back";
  }

  @Override
  public Set<String> outputs() {
    return outputs;
  }

  @Override
  public Past empty() throws OrtException {
    ByteBuffer nothing = direct(0);
    return build(0, (slot, tensor) -> nothing);
  }

  @Override
  public int[] again(Past past) {
    return NOTHING;
  }

  @Override
  public void feed(Past past, Map<String, OnnxTensor> inputs) {
    for (int i = 0; i < slots.size(); i++) {
      inputs.put(slots.get(i).past(), past.tensors().get(i));
    }
  }

  @Override
  public Past take(Past past, int[] appended, @Nullable Result result) {
    requireNonNull(result);
    int length = past.length() + appended.length;
    List<OnnxTensor> tensors = new ArrayList<>(slots.size());
    for (Slot slot : slots) {
      OnnxTensor tensor = (OnnxTensor) result.get(slot.present()).orElseThrow();
      long[] shape = tensor.getInfo().getShape();
      if (shape.length <= slot.axis() || shape[slot.axis()] != length) {
        result.close();
        throw new IllegalStateException(
            "the graph does not keep its past: "
                + slot.present()
                + " is "
                + Arrays.toString(shape)
                + " after "
                + length
                + " tokens, expected that number in dimension "
                + slot.axis());
      }
      tensors.add(tensor);
    }
    return new Past(length, tensors, result::close);
  }

  @Override
  public Past truncate(Past past, int length) throws OrtException {
    return build(
        length,
        (slot, index) -> {
          ByteBuffer all = past.tensors().get(index).getByteBuffer();
          return firstTokens(all, slot, past.length(), length);
        });
  }

  /** [outer, from, inner] to [outer, to, inner]: the axis of tokens is the middle one. */
  private static ByteBuffer firstTokens(ByteBuffer all, Slot slot, int from, int to) {
    int inner =
        slot.precision().bytes() * product(slot.shape(), slot.axis() + 1, slot.shape().length);
    int outer = product(slot.shape(), 0, slot.axis());
    if ((long) outer * to * inner > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          to + " tokens of " + slot.past() + " take more than 2 GB, the most that can be copied");
    }
    ByteBuffer kept = direct(outer * to * inner);
    for (int i = 0; i < outer; i++) {
      kept.put(i * to * inner, all, i * from * inner, to * inner);
    }
    return kept;
  }

  private static int product(long[] shape, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product = Math.multiplyExact(product, shape[i]);
    }
    return Math.toIntExact(product);
  }

  private interface Content {
    ByteBuffer of(Slot slot, int index) throws OrtException;
  }

  private Past build(int length, Content content) throws OrtException {
    List<OnnxTensor> tensors = new ArrayList<>(slots.size());
    try {
      for (int i = 0; i < slots.size(); i++) {
        Slot slot = slots.get(i);
        long[] shape = slot.shape().clone();
        shape[slot.axis()] = length;
        tensors.add(
            OnnxTensor.createTensor(
                environment, content.of(slot, i), shape, slot.precision().type()));
      }
    } catch (OrtException | RuntimeException e) {
      tensors.forEach(OnnxTensor::close);
      throw e;
    }
    return new Past(length, tensors, () -> tensors.forEach(OnnxTensor::close));
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
