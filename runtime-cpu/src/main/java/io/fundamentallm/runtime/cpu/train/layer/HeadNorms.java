package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.NormStatistics;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.QueryKeyNorm;
import io.fundamentallm.runtime.cpu.train.layer.Compute.Columns;
import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** RMSNorms of queries and of keys before rotation, of each head or of all together. */
final class HeadNorms {
  private final Compute compute;
  private final int wide; // Q
  private final Half queries;
  private final Half keys;
  private boolean frozen;

  /** The norm of queries or of keys, which lie from a column of qkv on, several to a row. */
  private record Half(Norm norm, int column, int perRow) {
    int columns() {
      return norm.channels() * perRow;
    }

    /** Keeps rows of qkv as they are and normalises them in place. */
    void forward(
        NormKernels kernels,
        Normalization with,
        int from,
        int rows,
        Floats qkv,
        int wide,
        Floats kept) {
      int columns = columns();
      for (int row = from; row < from + rows; row++) {
        int at = qkv.at(row * wide + column);
        System.arraycopy(qkv.array(), at, kept.array(), kept.at(row * columns), columns);
        kernels.forward(with, perRow, qkv.array(), at, qkv.array(), at);
      }
    }

    /** Replaces rows of the gradient with respect to normalised values by that before the norm. */
    void backward(
        NormKernels kernels,
        Normalization with,
        int from,
        int rows,
        Floats dqkv,
        int wide,
        Floats kept,
        NormStatistics statistics,
        Floats dy,
        Floats dx) {
      int columns = columns();
      for (int row = from; row < from + rows; row++) {
        int at = dqkv.at(row * wide + column);
        System.arraycopy(dqkv.array(), at, dy.array(), dy.at(row * columns), columns);
      }
      Arrays.fill(dx.array(), dx.at(from * columns), dx.at((from + rows) * columns), 0f);
      kernels.backward(with, from * perRow, rows * perRow, dy, kept, statistics, dx);
      for (int row = from; row < from + rows; row++) {
        int at = dqkv.at(row * wide + column);
        System.arraycopy(dx.array(), dx.at(row * columns), dqkv.array(), at, columns);
      }
    }
  }

  private HeadNorms(Compute compute, TrainableConfig config, BlockLayout at) {
    this.compute = compute;
    wide = config.queryKeyValueSize();
    boolean all = config.shape().attention().norm() == QueryKeyNorm.WIDTH;
    int querySize = config.querySize();
    queries = half(config, at.queryNorm(), 0, querySize, all);
    keys = half(config, at.keyNorm(), querySize, config.keySize(), all);
  }

  private static Half half(
      TrainableConfig config, int weight, int column, int columns, boolean all) {
    int channels = all ? columns : config.headSize();
    Norm norm = Norm.of(config, channels, weight, ParameterLayout.NONE);
    return new Half(norm, column, columns / channels);
  }

  /** Those of a block; null where it has none. */
  static @Nullable HeadNorms of(Compute compute, TrainableConfig config, BlockLayout at) {
    return at.queryNorm() == ParameterLayout.NONE ? null : new HeadNorms(compute, config, at);
  }

  /** From now on skips the gradients of its parameters if they are frozen. */
  void freezeAllBut(TrainedTensors trained) {
    frozen = !queries.norm.touchedBy(trained) && !keys.norm.touchedBy(trained);
  }

  /** Normalises the queries and keys of all rows, in a.qkv. */
  void forward(float[] parameters, int count, BlockActivations a) {
    NormKernels kernels = compute.kernels().norm();
    Normalization first = queries.norm.with(compute.kernels().elementwise(), parameters);
    Normalization second = keys.norm.with(compute.kernels().elementwise(), parameters);
    compute.rows(
        count,
        (from, rows, slot) -> {
          queries.forward(kernels, first, from, rows, a.qkv, wide, a.queries);
          keys.forward(kernels, second, from, rows, a.qkv, wide, a.keys);
        });
  }

  /** Turns all.dqkv into the gradient before the norms, and adds those of the parameters. */
  void backward(Backward b, BlockActivations a, Activations all) {
    NormKernels kernels = compute.kernels().norm();
    Normalization first = queries.norm.with(compute.kernels().elementwise(), b.parameters());
    Normalization second = keys.norm.with(compute.kernels().elementwise(), b.parameters());
    int count = b.pass().rows();
    compute.rows(
        count,
        (from, rows, slot) -> {
          queries.backward(
              kernels,
              first,
              from,
              rows,
              all.dqkv,
              wide,
              a.queries,
              a.queryStatistics,
              all.dnormedQueries,
              all.dqueries);
          keys.backward(
              kernels,
              second,
              from,
              rows,
              all.dqkv,
              wide,
              a.keys,
              a.keyStatistics,
              all.dnormedKeys,
              all.dkeys);
        });
    if (!frozen) {
      compute.columns(
          List.of(
              columns(queries, b, all.dnormedQueries, a.queries, a.queryStatistics),
              columns(keys, b, all.dnormedKeys, a.keys, a.keyStatistics)));
    }
  }

  private Columns columns(Half half, Backward b, Floats dy, Floats x, NormStatistics statistics) {
    NormKernels kernels = compute.kernels().norm();
    Normalization into = half.norm.in(b.gradients());
    int rows = b.pass().rows() * half.perRow;
    return new Columns(
        half.norm.channels(),
        (from, columns, slot) ->
            kernels.parameterGradients(into, rows, from, columns, dy, x, statistics));
  }
}
