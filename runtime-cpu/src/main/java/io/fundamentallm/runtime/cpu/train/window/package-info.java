/** Which tokens a step sees. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train.window;
