package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.onnx.OnnxDecoder;
import io.fundamentallm.runtime.cpu.onnx.OnnxExport;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A trained model in files of every block type, as ggml's rules write them: what the runtime makes
 * of it in each format of weights, and ONNX Runtime of its export, beside the exact weights that
 * the file stands for.
 */
class BlockTypesTest {
  private static final List<String> TABLE = Collections.synchronizedList(new ArrayList<>());

  @TempDir Path directory;

  @AfterAll
  static void print() {
    TABLE.forEach(System.out::println);
  }

  /** The model, in rows of 256 for the types whose blocks are as long. */
  private static HuggingFaceModel model(Precision type) throws IOException {
    HuggingFaceModel model = Stories260K.model();
    return type.block() == 256 ? PaddedLlama.of(model, 256) : model;
  }

  /** The smallest types are not worth to be made larger. */
  private static List<String> conversions(Precision type) {
    return type.ordinal() <= Precision.Q6_K.ordinal()
        ? List.of("auto", "f32", "int8", "int4")
        : List.of("auto", "f32");
  }

  /** How much perplexity the format may add to that of the weights in the file. */
  private static double max(Precision type, String weights) {
    return switch (weights) {
      case "f32" -> 1e-4;
      case "int4" -> type.name().startsWith("Q4") ? 0.02 : 0.07;
      default -> 0.01;
    };
  }

  @ParameterizedTest
  @Tag("once") // the logits below are asked of both kernel sets
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(I?Q|MX).*")
  void perplexity_is_that_of_the_weights_in_the_file(Precision type) throws IOException {
    HuggingFaceModel model = model(type);
    Path file = write(model, type);
    Path plain = directory.resolve("plain");
    HuggingFaceFiles.write(GgufConversion.rounded(model, type), Precision.F32, plain);
    double exact = perplexity(plain, "f32");
    assertThat(exact).isBetween(4.5, type == Precision.Q2_K ? 17.0 : 6.5);
    for (String weights : conversions(type)) {
      double perplexity = perplexity(file, weights);
      TABLE.add(
          String.format(
              Locale.ROOT,
              "%-5s %-5s perplexity %.4f, of the weights in the file %.4f",
              type,
              weights,
              perplexity,
              exact));
      assertThat(perplexity / exact - 1)
          .as("%s as %s", type, weights)
          .isBetween(-max(type, weights), max(type, weights));
    }
  }

  private Path write(HuggingFaceModel model, Precision type) throws IOException {
    GgufFile file = GgufConversion.convert(model, type);
    Stories260K.tokenizer().write(file);
    Path path = directory.resolve(type + ".gguf");
    file.write(path);
    return path;
  }

  private static double perplexity(Path path, String weights) throws IOException {
    try (LanguageModel model = LanguageModels.load(path, "cpu(weights=" + weights + ")")) {
      return Perplexity.of(model).value();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(I?Q|MX).*")
  void logits_are_those_of_the_weights_in_the_file(Precision type)
      throws IOException, OrtException {
    HuggingFaceModel model = model(type);
    Path file = write(model, type);
    int[] tokens = Arrays.copyOf(Perplexity.stories().get(0), 60);
    double[][] exact =
        ReferenceTransformer.run(GgufConversion.rounded(model, type), tokens).logits();
    for (String weights : conversions(type)) {
      try (LanguageModel runtime = LanguageModels.load(file, "cpu(weights=" + weights + ")");
          Session session = runtime.open()) {
        float[][] logits = new float[tokens.length][runtime.info().vocabularySize()];
        session.append(tokens, logits);
        judge(type, weights, logits, exact);
      }
    }
    List<OnnxWeights> exports =
        conversions(type).contains("int4")
            ? List.of(OnnxWeights.F32, OnnxWeights.INT8, OnnxWeights.INT4)
            : List.of(OnnxWeights.F32);
    for (OnnxWeights weights : exports) {
      Path exported = directory.resolve("exported" + weights.bits());
      OnnxExport.write(file, weights, exported);
      try (OnnxDecoder decoder = OnnxDecoder.open(exported)) {
        String form = weights.bits() == 32 ? "f32" : "int" + weights.bits();
        judge(type, form + ", exported", decoder.append(tokens), exact);
      }
    }
  }

  /** The fewer bits a format has than the file, the further the logits may be. */
  private static void judge(Precision type, String form, float[][] logits, double[][] exact) {
    boolean fitted = form.startsWith("int4") && !type.name().startsWith("Q4");
    double max = form.startsWith("f32") ? 1e-4 : fitted ? 0.8 : 0.15;
    double difference = difference(logits, exact) / deviation(exact);
    TABLE.add(
        String.format(
            Locale.ROOT,
            "%-5s %s: logits differ by %.1e of their deviation",
            type,
            form,
            difference));
    assertThat(difference).as("%s, %s", type, form).isLessThan(max);
  }

  private static double deviation(double[][] logits) {
    double squares = 0;
    int count = 0;
    for (double[] row : logits) {
      double mean = Arrays.stream(row).average().orElse(0);
      for (double logit : row) {
        squares += (logit - mean) * (logit - mean);
        count++;
      }
    }
    return Math.sqrt(squares / count);
  }

  private static double difference(float[][] actual, double[][] expected) {
    double max = 0;
    for (int t = 0; t < expected.length; t++) {
      for (int id = 0; id < expected[t].length; id++) {
        double difference = Math.abs(actual[t][id] - expected[t][id]);
        max = difference <= max ? max : difference;
      }
    }
    return max;
  }
}
