package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plain script of numpy reads out of a written model what was in memory. */
class NumpyTest {
  @TempDir Path directory;

  @Test
  void numpy_reads_the_same_tensors() throws Exception {
    String python = pythonWithNumpy();
    TrainableConfig config = TrainableConfig.gpt2(37, 70, 24, 2, 3);
    ParameterLayout layout = new ParameterLayout(config);
    Random random = new Random(5);
    float[] parameters = new float[layout.size()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = (float) random.nextGaussian();
    }
    new ModelDirectory(config, OptionalInt.of(1), Set.of(2), parameters).write(directory);

    Set<String> expected = new TreeSet<>();
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      expected.add(line(layout.prefix() + tensor.name(), tensor, parameters));
    }
    assertThat(run(python, script().toString(), directory.resolve("model.safetensors").toString()))
        .containsExactlyElementsOf(expected);
  }

  private static String line(String name, ParameterLayout.Tensor tensor, float[] parameters)
      throws NoSuchAlgorithmException {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * tensor.size());
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(parameters, tensor.offset(), tensor.size());
    String shape = tensor.shape().stream().map(String::valueOf).collect(Collectors.joining("x"));
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
    return name + " " + shape + " " + HexFormat.of().formatHex(digest);
  }

  private Path script() throws IOException {
    Path script = directory.resolve("safetensors.py");
    try (InputStream in = NumpyTest.class.getResourceAsStream("safetensors.py")) {
      Files.copy(in, script);
    }
    return script;
  }

  private static String pythonWithNumpy() throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      try {
        if (run(python, "-c", "import numpy; print(numpy.__version__)").size() == 1) {
          return python;
        }
      } catch (IOException e) {
        // there is none of this name
      }
    }
    assumeTrue(false, "the script is not run: there is no python3 with numpy");
    return "";
  }

  private static List<String> run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return out.lines().toList();
  }
}
