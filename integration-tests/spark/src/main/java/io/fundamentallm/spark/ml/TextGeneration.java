package io.fundamentallm.spark.ml;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.spark.BatchGenerator;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Continues prompts: a column of texts, without the prompts. */
public final class TextGeneration extends WeightsTransformer<TextGeneration> {
  private static final long serialVersionUID = 1;

  private final Param<String> keyCol;
  private final LongParam seed;
  private final Param<String> sampler;
  private final Param<String> decoder;
  private final IntParam maxNewTokens;

  /** With a uid of its own. */
  public TextGeneration() {
    this(Identifiable.randomUID("textGeneration"));
  }

  /** With this uid. */
  public TextGeneration(String uid) {
    super(uid);
    keyCol = text("keyCol", "column of whole numbers that tells the rows apart");
    seed = new LongParam(uid, "seed", "all rows share it");
    sampler = text("sampler", "how tokens are chosen, such as temperature=0.8,top-p=0.9");
    decoder = text("decoder", "how the model is driven, such as beam(width=4)");
    maxNewTokens =
        new IntParam(
            uid, "maxNewTokens", "the most tokens of a continuation (> 0)", ParamValidators.gt(0));
    setDefault(seed, 0L);
    setDefault(maxNewTokens, 256);
  }

  /** Reads what {@code save} wrote. */
  public static MLReader<TextGeneration> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what {@code save} wrote there. */
  public static TextGeneration load(String path) {
    return read().load(path);
  }

  /** The parameter {@code keyCol}; by default a hash of the prompt. */
  public Param<String> keyCol() {
    return keyCol;
  }

  /** The parameter {@code seed}; by default 0. */
  public LongParam seed() {
    return seed;
  }

  /** The parameter {@code sampler}; by default the one configured on the executors. */
  public Param<String> sampler() {
    return sampler;
  }

  /** The parameter {@code decoder}; by default the one configured on the executors. */
  public Param<String> decoder() {
    return decoder;
  }

  /** The parameter {@code maxNewTokens}; by default 256. */
  public IntParam maxNewTokens() {
    return maxNewTokens;
  }

  /**
   * Sets the column of whole numbers that tells the rows apart. Without one, equal prompts continue
   * alike.
   */
  public TextGeneration setKeyCol(String value) {
    set(keyCol, value);
    return this;
  }

  /** Sets the seed, which all rows share. */
  public TextGeneration setSeed(long value) {
    set(seed, value);
    return this;
  }

  /** Sets how tokens are chosen, such as {@code temperature=0.8,top-p=0.9}. */
  public TextGeneration setSampler(String value) {
    set(sampler, value);
    return this;
  }

  /** Sets how the model is driven, such as {@code beam(width=4)}. */
  public TextGeneration setDecoder(String value) {
    set(decoder, value);
    return this;
  }

  /**
   * Sets the most tokens of a continuation.
   *
   * @param value at least 1
   */
  public TextGeneration setMaxNewTokens(int value) {
    set(maxNewTokens, value);
    return this;
  }

  @Override
  TextGeneration self() {
    return this;
  }

  @Override
  Dataset<Row> add(Dataset<Row> rows) {
    String stages = value(sampler);
    String driver = value(decoder);
    int most = (Integer) getOrDefault(maxNewTokens);
    BatchGenerator generator =
        batch(BatchGenerator::of, BatchGenerator::withRuntime, BatchGenerator::withErrors)
            .withSeed((Long) getOrDefault(seed))
            .with(
                one -> {
                  TextGenerator limited = one.withMaxNewTokens(most);
                  TextGenerator sampling = stages == null ? limited : limited.withSampler(stages);
                  return driver == null ? sampling : sampling.withDecoder(driver);
                });
    String prompts = required(inputCol());
    String texts = required(outputCol());
    String keys = value(keyCol);
    return keys == null
        ? generator.generate(rows, prompts, texts)
        : generator.generate(rows, prompts, keys, texts);
  }
}
