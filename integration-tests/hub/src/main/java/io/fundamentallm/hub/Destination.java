package io.fundamentallm.hub;

import java.io.IOException;
import java.nio.file.Path;

/** Where downloaded files go. */
interface Destination {
  /** Whether the bytes of a file are there already. */
  boolean has(RemoteFile file) throws IOException;

  /** Where its bytes gather; a file there is the beginning of this one. Its folder exists. */
  Path partial(RemoteFile file) throws IOException;

  /** Takes a partial file that is whole. */
  void accept(RemoteFile file, Path partial) throws IOException;

  /** Called when all files are there; returns the directory that shows them by name. */
  Path finish(String revision, String commit, Iterable<RemoteFile> files) throws IOException;

  /** Held while files are written, so that two downloads do not write into one partial file. */
  Path lock();
}
