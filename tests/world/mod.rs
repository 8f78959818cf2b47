//! What happens when the world interferes: crashes, signals, other runs, other writers, releases forced in.

mod backward;
mod concurrency;
mod crash;
mod indexes;
mod interruption;
mod late;
mod locks;
mod mortal;
mod people;
mod places;
mod simulation;
mod stage;
mod void;
