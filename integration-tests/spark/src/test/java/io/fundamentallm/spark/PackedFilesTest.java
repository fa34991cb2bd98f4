package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.reflect.ClassTag;

class PackedFilesTest {
  @TempDir Path folder;

  @Test
  void files_arrive_as_they_were_and_the_unwanted_stay() throws IOException {
    Path from = Files.createDirectory(folder.resolve("from"));
    Files.createDirectory(from.resolve("inside"));
    Files.write(from.resolve("a"), new byte[] {1, 2, 3});
    Files.write(from.resolve("b"), new byte[0]);
    Files.writeString(from.resolve("c"), "not this one");

    PackedFiles.unpack(PackedFiles.pack(from, name -> !name.equals("c")), folder.resolve("to"));

    assertThat(folder.resolve("to/a")).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(folder.resolve("to/b")).isEmptyFile();
    assertThat(folder.resolve("to").toFile().list()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void no_name_leaves_the_directory() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(1);
      out.writeUTF("../outside");
      out.writeInt(0);
    }
    assertThatIOException()
        .isThrownBy(() -> PackedFiles.unpack(bytes.toByteArray(), folder.resolve("to")))
        .withMessageContaining("outside");
    assertThat(folder.resolve("outside")).doesNotExist();
  }

  /** What a cluster may be told to take for the records of rounds. */
  @Test
  void kryo_carries_a_round() {
    SerializerInstance kryo = new KryoSerializer(new SparkConf(false)).newInstance();
    WorkerRound round =
        new WorkerRound(
            new WorkerState(1, "checkpoint-10", new byte[] {1, 2}),
            new float[][] {{1, 2}, {3}},
            new WorkerRound.Summary(1.5, 0.1, 0.2));
    ClassTag<WorkerRound> type = ClassTag.apply(WorkerRound.class);
    ByteBuffer bytes = kryo.serialize(round, type);
    WorkerRound read = kryo.deserialize(bytes, type);
    assertThat(read).usingRecursiveComparison().isEqualTo(round);
  }
}
