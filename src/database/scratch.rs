//! A database to try things on, which is gone afterwards: a SQLite file of its own, or a database of its own on a server.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::DatabaseError;
use super::connection::{LiveDatabase, open};
use super::scratch_file::Folder;
#[cfg(feature = "postgres")]
use super::scratch_server::Server;

/// A database that is removed when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    url: String,
    place: Place,
    name: String,
    /// How many there were in this place.
    n_made: Rc<Cell<u32>>,
}

#[derive(Clone, Debug)]
enum Place {
    /// A folder that holds nothing else.
    Folder(Rc<Folder>),
    #[cfg(feature = "postgres")]
    Server(Rc<Server>),
}

impl Scratch {
    /// Makes an empty SQLite file in a folder of its own below the system's temporary one. Those of processes that died are removed.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be made.
    pub fn file(now: jiff::Timestamp) -> Result<Self, DatabaseError> {
        let folder = Folder::make(now)?;
        let (url, name) = folder.database(0);
        let place = Place::Folder(Rc::new(folder));
        Ok(Self { url, place, name, n_made: Rc::new(Cell::new(1)) })
    }

    /// Makes an empty database on the server that the URL leads to. Those that processes which died left there are removed.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be reached, or its role may not create databases.
    #[cfg(feature = "postgres")]
    pub fn on_server(url: &str) -> Result<Self, DatabaseError> {
        let server = Server::reach(url)?;
        let (url, name) = server.database(0);
        server.create(&name, None)?;
        let place = Place::Server(Rc::new(server));
        Ok(Self { url, place, name, n_made: Rc::new(Cell::new(1)) })
    }

    /// Cancels the statement that runs on it, or on a copy, as soon as it is `asked` to. SQLite cannot be reached while it runs one:
    /// there it is left to itself, and is gone with the process.
    pub fn cancel_when(&self, asked: Arc<AtomicBool>) {
        match &self.place {
            Place::Folder(folder) => *folder.asked.borrow_mut() = Some(asked),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.cancel_when(asked),
        }
    }

    /// Makes a copy of it. Nobody may be connected to it meanwhile.
    ///
    /// # Errors
    ///
    /// Fails if the server does, or the disk is full.
    pub fn copy(&self) -> Result<Self, DatabaseError> {
        let number = self.n_made.get();
        self.n_made.set(number.saturating_add(1));
        let (url, name) = match &self.place {
            Place::Folder(folder) => {
                let (url, name) = folder.database(number);
                folder.copy(&self.name, &name)?;
                (url, name)
            }
            #[cfg(feature = "postgres")]
            Place::Server(server) => {
                let (url, name) = server.database(number);
                server.create(&name, Some(&self.name))?;
                (url, name)
            }
        };
        Ok(Self { url, name, place: self.place.clone(), n_made: Rc::clone(&self.n_made) })
    }

    /// Opens it, as often as needed.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be opened.
    pub fn open(&self) -> Result<LiveDatabase, DatabaseError> {
        let mut database = open(&self.url)?;
        match &self.place {
            Place::Folder(folder) => database.give_up_when(folder.asked.borrow().clone()),
            #[cfg(feature = "postgres")]
            Place::Server(_) => {}
        }
        Ok(database)
    }

    /// Returns what processes that died had left behind, a sentence each.
    #[must_use]
    pub fn left_behind(&self) -> &[String] {
        match &self.place {
            Place::Folder(folder) => &folder.left_behind,
            #[cfg(feature = "postgres")]
            Place::Server(server) => &server.left_behind,
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match &self.place {
            Place::Folder(folder) => folder.remove(&self.name),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.remove(&self.name),
        }
    }
}
