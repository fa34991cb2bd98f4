package io.fundamentallm.runtime.cpu.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.contract.PowerLoss;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is there when the power fails while a graph replaces another. */
class GraphFilePowerLossTest {
  @TempDir private Path folder;

  @Test
  void a_graph_has_its_own_constants_or_is_not_there() throws IOException {
    assumeTrue(File.separatorChar == '/', "no directory can be synced here");
    Path model = folder.resolve("model");
    TrainableConfig config = TrainableConfig.llama(37, 16, 64, 1, 4, 2, 96, false);
    float[] parameters = new float[new ParameterLayout(config).size()];
    Arrays.fill(parameters, 0.25f);
    new ModelDirectory(config, OptionalInt.of(1), Set.of(2), parameters).write(model);
    Path disk = Files.createDirectory(folder.resolve("disk"));
    PowerLoss power = PowerLoss.below(disk);
    Path into = power.path().resolve("onnx");

    OnnxExport.write(model, null, OnnxWeights.F32, into, 0);
    final int first = power.moment();
    final List<Integer> old = hashes(disk.resolve("onnx"));
    OnnxExport.write(model, null, OnnxWeights.INT8, into, 0);
    final int second = power.moment();
    List<Integer> replaced = hashes(disk.resolve("onnx"));

    power.fails(
        (moment, left) -> {
          byte[] graph = left.get("onnx/model.onnx");
          String as = "after " + moment + " of " + second + " changes: " + left.keySet();
          if (graph != null) {
            byte[] data = left.getOrDefault("onnx/model.onnx_data", new byte[0]);
            assertThat(List.of(Arrays.hashCode(graph), Arrays.hashCode(data)))
                .as(as)
                .isIn(old, replaced);
          }
          assertThat(graph != null || (moment != first && moment != second)).as(as).isTrue();
        });
    assertThat(old).isNotEqualTo(replaced);
  }

  private static List<Integer> hashes(Path directory) throws IOException {
    return List.of(
        Arrays.hashCode(Files.readAllBytes(directory.resolve("model.onnx"))),
        Arrays.hashCode(Files.readAllBytes(directory.resolve("model.onnx_data"))));
  }
}
