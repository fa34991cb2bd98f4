package io.fundamentallm.spark;

import java.nio.file.Path;
import org.apache.spark.SparkFiles;

/** Where an executor finds what a path names. */
final class ExecutorFiles {
  private ExecutorFiles() {}

  /** An absolute path as it is; a relative one among the files that Spark sent here. */
  static Path resolve(String path) {
    Path given = Path.of(path);
    return given.isAbsolute() ? given : Path.of(SparkFiles.get(path));
  }
}
