package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.train.layer.Compute.Columns;
import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attention with the linear layers around it: queries, keys and values; the way back. */
final class SelfAttention implements BranchLayer {
  private final Compute compute;
  private final Linear in;
  private final @Nullable HeadNorms norms;
  private final @Nullable RotaryPositions rotary;
  private final Attention attention;
  private final Linear out;
  private TrainedLinears trained = TrainedLinears.ALL;

  /**
   * Those of a layer.
   *
   * @param rotary null where positions are not rotated
   */
  SelfAttention(
      Compute compute,
      TrainableConfig config,
      int layer,
      BlockLayout at,
      @Nullable RotaryPositions rotary) {
    this.compute = compute;
    this.rotary = rotary;
    int c = config.hiddenSize();
    boolean outputsFirst = !config.files().transposed();
    in = Linear.of(compute, at.attention(), c, config.queryKeyValueSize(), outputsFirst);
    out = Linear.of(compute, at.attentionOut(), config.querySize(), c, outputsFirst);
    norms = HeadNorms.of(compute, config, at);
    attention =
        new Attention(
            compute,
            layer,
            config.shape().attention(),
            config.shape().positions().get(layer).window(),
            config.contextLength());
  }

  @Override
  public void freezeAllBut(TrainedTensors tensors) {
    trained = TrainedLinears.of(tensors, List.of(in, out));
    if (norms != null) {
      norms.freezeAllBut(tensors);
    }
  }

  @Override
  public void forward(float[] parameters, Pass pass, Floats x, BlockActivations a, Floats y) {
    again(parameters, pass, x, a);
    out.forward(compute.product(), parameters, pass.rows(), a.attended, y);
  }

  @Override
  public void again(float[] parameters, Pass pass, Floats x, BlockActivations a) {
    int all = pass.rows();
    in.forward(compute.product(), parameters, all, x, a.qkv);
    if (norms != null) {
      norms.forward(parameters, all, a);
    }
    if (rotary != null) {
      AttentionKernels rotations = compute.kernels().attention();
      compute.rows(all, (from, rows, slot) -> rotary.forward(rotations, pass, from, rows, a.qkv));
    }
    attention.forward(pass, a.qkv, a.attended, a.logSumExp);
  }

  @Override
  public void backward(Backward b, Floats x, BlockActivations a, Floats dout, Activations all) {
    TeamProduct product = compute.product();
    Pass pass = b.pass();
    int count = pass.rows();
    out.backward(product, b.parameters(), count, dout, all.dattended);
    attention.backward(pass, a.qkv, a.attended, a.logSumExp, all.dattended, all.deltas, all.dqkv);
    if (rotary != null) {
      AttentionKernels rotations = compute.kernels().attention();
      compute.rows(
          count, (from, rows, slot) -> rotary.backward(rotations, pass, from, rows, all.dqkv));
    }
    if (norms != null) {
      norms.backward(b, a, all);
    }
    in.backward(product, b.parameters(), count, all.dqkv, all.dnormed);
    trained.gradients(out, product, b, count, a.attended, dout);
    trained.gradients(in, product, b, count, x, all.dqkv);
    List<Columns> biases = new ArrayList<>();
    trained.bias(in, compute, b, count, all.dqkv, biases);
    trained.bias(out, compute, b, count, dout, biases);
    compute.columns(biases);
  }
}
