package io.fundamentallm.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A cluster on this machine with two executors, which are processes of their own. Started once for
 * all test classes that it extends, and stopped behind them.
 */
final class LocalCluster implements BeforeAllCallback {
  /**
   * For processes that live for a minute: Spark's code is large, and most of it runs a few times.
   * Vectors are objects where the compiler is a plain one.
   */
  static final String SHORT_LIFE =
      "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dfundamentallm.kernels=scalar";

  private static SparkSession spark;

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .computeIfAbsent(
            LocalCluster.class,
            key -> {
              spark = start(2);
              return (AutoCloseable) spark::stop;
            });
  }

  static SparkSession spark() {
    return spark;
  }

  /**
   * Starts a session with an installation laid out of the jars on the class path.
   *
   * @param executors each with one core
   */
  static SparkSession start(int executors) {
    Path home = Path.of(System.getenv("SPARK_HOME"));
    List<String> ours;
    try {
      ours = layOut(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return SparkSession.builder()
        .master("local-cluster[" + executors + ",1,2048]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "1536m")
        .config("spark.executor.extraJavaOptions", SHORT_LIFE)
        .config("spark.executor.extraClassPath", String.join(File.pathSeparator, ours))
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", home.resolve("warehouse").toString())
        .getOrCreate();
  }

  /** Links the jars of others; returns what of the class path is ours. */
  private static List<String> layOut(Path home) throws IOException {
    PackedFiles.delete(home);
    Path jars = Files.createDirectories(home.resolve("jars"));
    Files.writeString(home.resolve("RELEASE"), "laid out for tests\n");
    List<String> ours = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry).toAbsolutePath();
      String name = path.getFileName().toString();
      if (name.endsWith(".jar") && !name.startsWith("fundamentallm-")) {
        Files.createSymbolicLink(jars.resolve(name), path);
      } else {
        ours.add(path.toString());
      }
    }
    return ours;
  }
}
