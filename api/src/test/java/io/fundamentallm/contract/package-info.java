/**
 * What every part promises, as tests for authors of plugins: extend the class for the kind of part
 * and say how one is made. The library's own modules pass the same ones.
 */
package io.fundamentallm.contract;
