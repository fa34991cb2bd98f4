/** What a loaded model takes of the machine's memory, and how long loading takes. */
@NullMarked
package io.fundamentallm.benchmarks.loading;

import org.jspecify.annotations.NullMarked;
