package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.NormStatistics;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.train.layer.Compute.Columns;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a block adds to the residual stream: {@code y = x + s·after(layer(before(x)))}, where either
 * norm may be missing.
 */
final class Branch {
  private final Compute compute;
  private final Dropout.Place place;
  private final int layer;
  private final int channels;
  private final @Nullable Norm before;
  private final BranchLayer inner;
  private final @Nullable Norm after;
  private final float scale;
  private boolean frozenBefore;
  private boolean frozenAfter;

  Branch(
      Compute compute,
      TrainableConfig config,
      Dropout.Place place,
      int layer,
      @Nullable Norm before,
      BranchLayer inner,
      @Nullable Norm after) {
    this.compute = compute;
    this.place = place;
    this.layer = layer;
    this.before = before;
    this.inner = inner;
    this.after = after;
    channels = config.hiddenSize();
    scale = config.shape().scales().residual();
  }

  /** From now on skips the gradients of parameters that are frozen. */
  void freezeAllBut(TrainedTensors trained) {
    inner.freezeAllBut(trained);
    frozenBefore = before != null && !before.touchedBy(trained);
    frozenAfter = after != null && !after.touchedBy(trained);
  }

  /**
   * @param x [B·T][C]
   * @param own what it keeps of its norms
   * @param y receives [B·T][C]
   */
  void forward(
      float[] parameters,
      Pass pass,
      Floats x,
      BlockActivations.OfBranch own,
      BlockActivations a,
      Floats y) {
    ElementwiseKernels elements = compute.kernels().elementwise();
    NormKernels norms = compute.kernels().norm();
    Dropout dropout = pass.dropout();
    normalize(parameters, pass, x, own);
    inner.forward(
        parameters, pass, before == null ? x : own.normed(), a, after == null ? y : own.out());
    Normalization last = after == null ? null : after.with(elements, parameters);
    compute.rows(
        pass.rows(),
        (from, rows, slot) -> {
          int at = from * channels;
          if (last != null) {
            norms.forward(last, from, rows, own.out(), y, own.after());
          }
          if (scale != 1) {
            elements.scale(rows * channels, scale, y.array(), y.at(at));
          }
          dropout.rows(elements, place, layer, from, rows, channels, y);
          elements.add(rows * channels, x.array(), x.at(at), y.array(), y.at(at));
        });
  }

  /** Computes again what {@link #forward} left in the activations, but not y. */
  void again(
      float[] parameters, Pass pass, Floats x, BlockActivations.OfBranch own, BlockActivations a) {
    normalize(parameters, pass, x, own);
    Floats in = before == null ? x : own.normed();
    if (after == null) {
      inner.again(parameters, pass, in, a);
    } else {
      inner.forward(parameters, pass, in, a, own.out());
    }
  }

  private void normalize(float[] parameters, Pass pass, Floats x, BlockActivations.OfBranch own) {
    if (before != null) {
      NormKernels norms = compute.kernels().norm();
      Normalization first = before.with(compute.kernels().elementwise(), parameters);
      compute.rows(
          pass.rows(),
          (from, rows, slot) -> norms.forward(first, from, rows, x, own.normed(), own.before()));
    }
  }

  /**
   * Goes from dy, the gradient with respect to y, to dx, that with respect to x. Adds the gradients
   * of its parameters.
   *
   * @param dx another place than dy
   */
  void backward(
      Backward b,
      Floats x,
      BlockActivations.OfBranch own,
      BlockActivations a,
      Floats dy,
      Floats dx,
      Activations all) {
    int count = b.pass().rows();
    Floats dout = dout(b, own, dy, dx, all);
    inner.backward(b, before == null ? x : own.normed(), a, dout, all);
    NormKernels norms = compute.kernels().norm();
    ElementwiseKernels elements = compute.kernels().elementwise();
    Normalization first = before == null ? null : before.with(elements, b.parameters());
    compute.rows(
        count,
        (from, rows, slot) -> {
          int at = from * channels;
          dy.copy(at, rows * channels, dx);
          if (first != null) {
            norms.backward(first, from, rows, all.dnormed, x, own.before(), dx);
          } else {
            Floats dnormed = all.dnormed;
            elements.add(rows * channels, dnormed.array(), dnormed.at(at), dx.array(), dx.at(at));
          }
        });
    if (before != null && !frozenBefore) {
      gradients(before, b, all.dnormed, x, own.before());
    }
  }

  /** The gradient with respect to what the layer gave; dy itself where nothing comes after that. */
  private Floats dout(
      Backward b, BlockActivations.OfBranch own, Floats dy, Floats scratch, Activations all) {
    Dropout dropout = b.pass().dropout();
    if (after == null && scale == 1 && dropout.isNone()) {
      return dy;
    }
    ElementwiseKernels elements = compute.kernels().elementwise();
    NormKernels norms = compute.kernels().norm();
    Normalization last = after == null ? null : after.with(elements, b.parameters());
    Floats dout = all.dbranch;
    Floats dadded = last == null ? dout : scratch;
    compute.rows(
        b.pass().rows(),
        (from, rows, slot) -> {
          int at = from * channels;
          int size = rows * channels;
          dy.copy(at, size, dadded);
          dropout.rows(elements, place, layer, from, rows, channels, dadded);
          if (scale != 1) {
            elements.scale(size, scale, dadded.array(), dadded.at(at));
          }
          if (last != null) {
            Arrays.fill(dout.array(), dout.at(at), dout.at(at + size), 0f);
            norms.backward(last, from, rows, dadded, own.out(), own.after(), dout);
          }
        });
    if (after != null && !frozenAfter) {
      gradients(after, b, dadded, own.out(), own.after());
    }
    return dout;
  }

  private void gradients(Norm norm, Backward b, Floats dy, Floats x, NormStatistics statistics) {
    NormKernels norms = compute.kernels().norm();
    Normalization into = norm.in(b.gradients());
    int count = b.pass().rows();
    compute.columns(
        List.of(
            new Columns(
                channels,
                (from, columns, slot) ->
                    norms.parameterGradients(into, count, from, columns, dy, x, statistics))));
  }
}
