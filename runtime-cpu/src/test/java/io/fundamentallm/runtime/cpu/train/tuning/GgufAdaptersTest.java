package io.fundamentallm.runtime.cpu.train.tuning;

import static io.fundamentallm.runtime.cpu.train.tuning.AdapterFixture.assertClose;
import static io.fundamentallm.runtime.cpu.train.tuning.AdapterFixture.dequantized;
import static io.fundamentallm.runtime.cpu.train.tuning.AdapterFixture.forget;
import static io.fundamentallm.runtime.cpu.train.tuning.AdapterFixture.logits;
import static io.fundamentallm.runtime.cpu.train.tuning.AdapterFixture.lora;
import static io.fundamentallm.runtime.cpu.train.tuning.FineTuningTest.plan;
import static io.fundamentallm.runtime.cpu.train.tuning.FineTuningTest.train;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.TinyAdapter;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.gguf.ElevenTokens;
import io.fundamentallm.runtime.cpu.gguf.GgufExport;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import io.fundamentallm.runtime.cpu.train.CpuTrainer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters that are trained beside the blocks of a GGUF file. */
class GgufAdaptersTest {
  @TempDir private Path folder;

  private static TinyModel model(String type) {
    return type.equals("gpt2") ? TinyModel.gpt2() : TinyModel.llama(type, 256, 4, 2, 64, 256);
  }

  private static GgufWeights weights(String name) {
    return switch (name) {
      case "Q4_K_M" -> GgufWeights.Q4_K_M;
      case "Q8_0" -> GgufWeights.Q8_0;
      default -> GgufWeights.F32;
    };
  }

  /** The model as a GGUF file; the directory beside it has its shape. */
  private Path gguf(String type, String weights) throws IOException {
    Path directory = model(type).write(Files.createDirectories(folder.resolve("original")));
    Path file = folder.resolve("model.gguf");
    GgufExport.write(directory, new ElevenTokens(), weights(weights), file);
    return file;
  }

  /** Plain descent, so that the adapter after some steps shows their gradients. */
  private List<Double> descend(String name, FineTuning tuning) throws IOException {
    return train(plan(folder.resolve(name), tuning).steps(3).optimizer("sgd(momentum=0)").build());
  }

  /** All factors, in the order of the file. */
  private float[] factors(String name) throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(
                Files.readAllBytes(folder.resolve(name).resolve("adapter_model.safetensors")))
            .order(ByteOrder.LITTLE_ENDIAN);
    file.position(Math.toIntExact(Long.BYTES + file.getLong(0)));
    float[] floats = new float[file.remaining() / Float.BYTES];
    file.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }

  @ParameterizedTest
  @CsvSource({
    "llama, F32, false",
    "llama, Q8_0, true",
    "llama, Q4_K_M, false",
    "qwen2, Q4_K_M, true",
    "qwen3, Q8_0, false",
    "gpt2, F32, false"
  })
  void losses_gradients_and_logits_are_those_over_the_dequantised_model(
      String type, String weights, boolean decomposed) throws IOException {
    Path file = gguf(type, weights);
    Path numbers =
        dequantized(file, null, folder.resolve("original"), folder.resolve("dequantized"));
    assertClose(logits(file, "cpu(weights=f32)"), logits(numbers, "cpu"), 1e-3f);

    FineTuning blocks = FineTuning.of(file).withLora(lora(decomposed, "file"));
    FineTuning plain = FineTuning.of(numbers).withLora(lora(decomposed, "f32"));
    List<Double> expected = descend("plain", plain);
    List<Double> losses = descend("blocks", blocks);
    // GPT-2's other order of factors starts from other numbers
    int same = type.equals("gpt2") ? 1 : 3;
    for (int i = 0; i < same; i++) {
      assertThat(losses.get(i)).isCloseTo(expected.get(i), within(1e-5 * expected.get(i)));
    }
    if (!type.equals("gpt2")) {
      assertThat(factors("blocks")).containsExactly(factors("plain"), within(1e-5f));
    }

    List<Double> learnt =
        train(plan(folder.resolve("adapter"), blocks).learningRate(3e-3, 3e-4).build());
    assertThat(learnt.get(39)).isLessThan(0.8 * learnt.get(0));
    String adapted = "adapter=\"" + folder.resolve("adapter") + "\"";
    assertClose(
        logits(file, "cpu(weights=f32," + adapted + ")"),
        logits(numbers, "cpu(" + adapted + ")"),
        1e-3f);
    assertThat(logits(file, "cpu(" + adapted + ")")).isNotEqualTo(logits(file, "cpu"));
  }

  @Test
  void a_base_may_be_held_in_other_forms_than_its_file_s() throws IOException {
    Path file = gguf("llama", "Q8_0");
    double first = descend("file", FineTuning.of(file).withLora(lora(false, "file"))).get(0);
    for (String base : List.of("f32", "int8")) {
      FineTuning tuning = FineTuning.of(file).withLora(lora(false, base));
      assertThat(descend(base, tuning).get(0)).isCloseTo(first, within(1e-3));
    }
    // 16-bit floats of safetensors stay as they are, too
    Path half = model("llama").write(Files.createDirectories(folder.resolve("half")), "BF16");
    double floats = descend("a", FineTuning.of(half).withLora(lora(false, "f32"))).get(0);
    assertThat(descend("b", FineTuning.of(half).withLora(lora(false, "file"))).get(0))
        .isCloseTo(floats, within(1e-5));
  }

  @Test
  void an_adapter_fits_a_gguf_file_only_where_its_rows_have_the_files_order() throws IOException {
    // side by side, attention and feed-forward layer are not trained in any form
    TinyModel neox = TinyModel.gptNeoX().set("use_parallel_residual", false);
    Path directory = neox.write(Files.createDirectories(folder.resolve("neox")));
    Path file = folder.resolve("neox.gguf");
    GgufExport.write(directory, new ElevenTokens(), GgufWeights.F32, file);

    TinyAdapter out = new TinyAdapter().add("gpt_neox.layers.1.attention.dense", 2, 24, 24);
    String dense = "cpu(weights=f32,adapter=\"" + out.write(folder.resolve("dense")) + "\")";
    assertClose(logits(file, dense), logits(directory, dense), 1e-4f);

    String layer = "layers.1.attention.query_key_value";
    Path in = new TinyAdapter().add(layer, 2, 72, 24).write(folder.resolve("in"));
    String together = "cpu(weights=f32,adapter=\"" + in + "\")";
    assertThat(logits(directory, together)).isNotEqualTo(logits(directory, "cpu(weights=f32)"));
    assertThatIOException()
        .isThrownBy(() -> logits(file, together))
        .withMessageContaining("adapter_model.safetensors")
        .withMessageContaining(layer)
        .withMessageContaining("expected the model's directory with safetensors");
    assertThatIOException()
        .isThrownBy(() -> GgufExport.writeAdapter(file, in, folder.resolve("in.gguf")))
        .withMessageContaining("expected the model's directory with safetensors");

    FineTuning tuning = FineTuning.of(file).withLora(lora(false, "file"));
    assertThatIOException()
        .isThrownBy(() -> train(plan(folder.resolve("tuned"), tuning).build()))
        .withMessageContaining("query, key and value of each head together in one tensor");
  }

  @Test
  void a_resumed_training_gives_the_same_bits() throws IOException {
    FineTuning tuning = FineTuning.of(gguf("llama", "Q4_K_M")).withLora(lora(false, "file"));
    Path straight = folder.resolve("straight");
    Path resumed = folder.resolve("resumed");
    train(plan(straight, tuning).steps(4).build());
    TrainingPlan half = plan(resumed, tuning).steps(4).checkpoints(2, 2).build();
    train(half);
    forget(resumed, "checkpoint-4");
    assertThat(train(half.toBuilder().resume().build())).hasSize(2);
    assertThat(Files.readAllBytes(resumed.resolve("adapter_model.safetensors")))
        .isEqualTo(Files.readAllBytes(straight.resolve("adapter_model.safetensors")));
  }

  @Test
  void what_cannot_be_is_refused() throws IOException {
    Path file = gguf("llama", "Q8_0");
    assertThatIOException()
        .isThrownBy(() -> train(plan(folder.resolve("whole"), FineTuning.of(file)).build()))
        .withMessageContaining("model.gguf")
        .withMessageContaining("beside a GGUF file adapters can be trained, not its own weights");
    FineTuning.Lora merged = new FineTuning.Lora(2, 6, List.of(), true);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new CpuTrainer(1)
                    .check(plan(folder.resolve("m"), FineTuning.of(file).withLora(merged)).build()))
        .withMessageContaining("expected merged false");
    Path mixture =
        TinyModel.experts("mixtral").write(Files.createDirectories(folder.resolve("mixtral")));
    Path experts = folder.resolve("experts.gguf");
    GgufExport.write(mixture, new ElevenTokens(), GgufWeights.F32, experts);
    assertThatIOException()
        .isThrownBy(
            () ->
                train(
                    plan(folder.resolve("e"), FineTuning.of(experts).withLora(lora(false, "file")))
                        .build()))
        .withMessageContaining("mixtures are run but not trained from GGUF files");
  }
}
