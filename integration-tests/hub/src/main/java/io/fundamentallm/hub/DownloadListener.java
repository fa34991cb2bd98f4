package io.fundamentallm.hub;

/** Hears how far a download is. Called from the thread that downloads, often: keep it short. */
@FunctionalInterface
public interface DownloadListener {
  /**
   * Bytes arrived, or were there already.
   *
   * @param file its name in the repository, such as {@code model.safetensors}
   * @param done bytes that are on the disk, in [0, size]; equal to {@code size} when the file is
   *     whole and its checksum is right
   * @param size of the whole file in bytes, or -1 while it is not known
   */
  void onProgress(String file, long done, long size);
}
