//! A disk that counts, fails, and loses power: a VFS of `SQLite`'s in front of the real one. The one place with `unsafe`.
//!
//! Every write and flush goes to the real files and is logged beside them. An image of the disk after a power cut is then made
//! from what was flushed, and from any part of what was not: the first writes of each file, some of them, torn at sectors.

#![expect(unsafe_code, reason = "a VFS is a table of C functions")]
#![expect(clippy::unnecessary_wraps, reason = "the shape of the functions is given")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fs;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use octohooks_core::ids::DeliveryId;
use rusqlite::ffi;

use crate::support::Dice;

const SECTOR: usize = 512;

/// What is done to a file.
#[derive(Debug, Clone)]
enum Operation {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// A file as the disk has it.
#[derive(Debug, Clone, Default)]
struct Log {
    flushed: Option<Vec<u8>>,
    pending: Vec<Operation>,
}

/// What there is of the disk at a power cut, and what had been promised by then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Image {
    files: BTreeMap<PathBuf, Log>,
    pub(crate) acknowledged: BTreeSet<DeliveryId>,
    pub(crate) ended: BTreeSet<DeliveryId>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) writes: u64,
    pub(crate) bytes: u64,
    pub(crate) flushes: u64,
    /// Flushes that were made to fail.
    pub(crate) refused_flushes: u64,
}

#[derive(Default)]
struct State {
    now: Image,
    counts: Counts,
    /// Operations until an image is taken.
    countdown: Option<u64>,
    images: Vec<Image>,
    /// Whether flushes are pretended.
    lies: bool,
    write_fails: Option<c_int>,
    flush_fails: Option<c_int>,
    read_only: bool,
    stalled: bool,
}

/// The disk. It lives until the process ends, because `SQLite` may hold on to it.
pub(crate) struct Disk {
    name: String,
    state: Mutex<State>,
    goes_on: Condvar,
}

impl Disk {
    pub(crate) fn new() -> &'static Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("disk{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let disk: &'static Self = Box::leak(Box::new(Self { name, state: Mutex::default(), goes_on: Condvar::new() }));
        register(disk);
        disk
    }

    pub(crate) fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }

    pub(crate) fn counts(&self) -> Counts {
        self.state().counts
    }

    pub(crate) fn lie(&self) {
        self.state().lies = true;
    }

    pub(crate) fn fail_writes(&self, code: Option<c_int>) {
        self.state().write_fails = code;
    }

    pub(crate) fn fail_flushes(&self, code: Option<c_int>) {
        self.state().flush_fails = code;
    }

    pub(crate) fn be_read_only(&self, read_only: bool) {
        self.state().read_only = read_only;
    }

    /// From now on a flush does not return until it is let go.
    pub(crate) fn stall(&self, stalled: bool) {
        self.state().stalled = stalled;
        self.goes_on.notify_all();
    }

    /// Takes an image before the operation that comes after so many others.
    pub(crate) fn cut_power_in(&self, operations: u64) {
        self.state().countdown = Some(operations);
    }

    pub(crate) fn images(&self) -> Vec<Image> {
        std::mem::take(&mut self.state().images)
    }

    pub(crate) fn has_images(&self) -> usize {
        self.state().images.len()
    }

    pub(crate) fn acknowledge(&self, delivery: DeliveryId) {
        self.state().now.acknowledged.insert(delivery);
    }

    pub(crate) fn end(&self, delivery: DeliveryId) {
        self.state().now.ended.insert(delivery);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tick(&mut self) {
        match &mut self.countdown {
            Some(0) => {
                self.countdown = None;
                self.images.push(self.now.clone());
            }
            Some(left) => *left -= 1,
            None => {}
        }
    }
}

impl Image {
    /// Lays the files out in a folder, as the dice have it.
    pub(crate) fn lay_out(&self, folder: &Path, dice: &mut Dice) {
        for (path, log) in &self.files {
            let mut bytes = log.flushed.clone().unwrap_or_default();
            let kept = match dice.roll(4) {
                0 => 0,
                1 => log.pending.len(),
                _ => usize::try_from(dice.roll(log.pending.len() as u64 + 1)).unwrap(),
            };
            let in_order = dice.roll(2) == 0;
            for (index, operation) in log.pending.iter().enumerate() {
                let whole = if in_order { index < kept } else { dice.roll(2) == 0 };
                let torn = if in_order { index == kept } else { dice.roll(3) == 0 };
                if whole || torn {
                    apply(&mut bytes, operation, torn.then_some(&mut *dice));
                }
            }
            if log.flushed.is_some() || !bytes.is_empty() {
                fs::write(folder.join(path.file_name().unwrap()), bytes).unwrap();
            }
        }
    }
}

fn apply(bytes: &mut Vec<u8>, operation: &Operation, torn: Option<&mut Dice>) {
    match operation {
        Operation::Truncate(size) => bytes.truncate(*size),
        Operation::Write(at, data) => {
            if bytes.len() < at + data.len() {
                bytes.resize(at + data.len(), 0);
            }
            let Some(dice) = torn else {
                bytes[*at..at + data.len()].copy_from_slice(data);
                return;
            };
            let mut from = 0;
            while from < data.len() {
                let to = ((at + from) / SECTOR * SECTOR + SECTOR - at).min(data.len());
                if dice.roll(2) == 0 {
                    bytes[at + from..at + to].copy_from_slice(&data[from..to]);
                }
                from = to;
            }
        }
    }
}

/// An open file of ours; the real one's lies right behind it in memory.
#[repr(C)]
struct OurFile {
    base: ffi::sqlite3_file,
    disk: *const Disk,
    path: *mut PathBuf,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

fn register(disk: &'static Disk) {
    // SAFETY: the default VFS exists for as long as the library, and is only read. The new one and its name are leaked.
    unsafe {
        let real = ffi::sqlite3_vfs_find(ptr::null());
        let mut ours = *real;
        ours.szOsFile += c_int::try_from(size_of::<OurFile>()).unwrap();
        ours.zName = CString::new(disk.name.clone()).unwrap().into_raw();
        ours.pAppData = ptr::from_ref(disk).cast_mut().cast();
        ours.pNext = ptr::null_mut();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        ours.xAccess = Some(access);
        ours.xFullPathname = Some(full_pathname);
        assert_eq!(ffi::sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 0), ffi::SQLITE_OK);
    }
}

fn real_vfs() -> *mut ffi::sqlite3_vfs {
    // SAFETY: no name asks for the default one, which ours never is.
    unsafe { ffi::sqlite3_vfs_find(ptr::null()) }
}

/// The disk of a VFS.
///
/// # Safety
/// `vfs` is one that [`register`] made.
unsafe fn disk_of(vfs: *mut ffi::sqlite3_vfs) -> &'static Disk {
    // SAFETY: `register` put a leaked disk there.
    unsafe { &*(*vfs).pAppData.cast::<Disk>() }
}

/// The real file behind one of ours.
///
/// # Safety
/// `file` was opened by [`open`].
unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: `szOsFile` has room for both, and `OurFile` is aligned to pointers as the real one is.
    unsafe { file.cast::<OurFile>().add(1).cast() }
}

/// Calls a method of the real file.
macro_rules! really {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let real = real($file);
        ((*(*real).pMethods).$method.expect("the real file has it"))(real $(, $argument)*)
    }};
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a block of `szOsFile` bytes and a name that lives as long as the file.
    unsafe {
        (*file).pMethods = ptr::null();
        let disk = disk_of(vfs);
        if disk.state().read_only && flags & ffi::SQLITE_OPEN_READWRITE != 0 {
            return ffi::SQLITE_CANTOPEN;
        }
        let ours = file.cast::<OurFile>();
        let code = ((*real_vfs()).xOpen.expect("every VFS opens"))(real_vfs(), name, real(file), flags, out);
        if code != ffi::SQLITE_OK {
            return code;
        }
        let path = PathBuf::from(CStr::from_ptr(name).to_str().unwrap());
        let there = fs::read(&path).unwrap_or_default();
        let mut state = disk.state();
        let is_log = path.to_str().is_some_and(|path| path.ends_with("-wal"));
        // What is there already was flushed by whoever made it, but a log that is made now.
        let flushed = (!is_log || !there.is_empty()).then_some(there);
        state.now.files.entry(path.clone()).or_insert_with(|| Log { flushed, pending: Vec::new() });
        drop(state);
        (*ours).disk = disk;
        (*ours).path = Box::into_raw(Box::new(path));
        (*ours).base.pMethods = &raw const METHODS;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        let mut state = disk_of(vfs).state();
        state.tick();
        state.now.files.remove(Path::new(CStr::from_ptr(name).to_str().unwrap()));
        drop(state);
        ((*real_vfs()).xDelete.expect("every VFS deletes"))(real_vfs(), name, sync_folder)
    }
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { ((*real_vfs()).xAccess.expect("every VFS has it"))(real_vfs(), name, flags, out) }
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    size: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { ((*real_vfs()).xFullPathname.expect("every VFS has it"))(real_vfs(), name, size, out) }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: `open` made the path, and nobody uses the file any more.
    unsafe {
        drop(Box::from_raw((*file.cast::<OurFile>()).path));
        really!(file, xClose)
    }
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, size: c_int, at: i64) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { really!(file, xRead, to, size, at) }
}

/// Logs an operation; the code with which it fails, if it does.
///
/// # Safety
/// `file` was opened by [`open`].
unsafe fn note(file: *mut ffi::sqlite3_file, operation: Operation) -> Option<c_int> {
    // SAFETY: `open` put both pointers there.
    let (disk, path) = unsafe { (&*(*file.cast::<OurFile>()).disk, &*(*file.cast::<OurFile>()).path) };
    let mut state = disk.state();
    if let Some(code) = state.write_fails {
        return Some(code);
    }
    state.tick();
    if let Operation::Write(_, data) = &operation {
        state.counts.writes += 1;
        state.counts.bytes += data.len() as u64;
    }
    state.now.files.entry(path.clone()).or_default().pending.push(operation);
    None
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, size: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives `size` bytes at `from`.
    unsafe {
        let data = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(size).unwrap()).to_vec();
        let failed = note(file, Operation::Write(usize::try_from(at).unwrap(), data));
        failed.unwrap_or_else(|| really!(file, xWrite, from, size, at))
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: handed on as it came.
    unsafe {
        let failed = note(file, Operation::Truncate(usize::try_from(size).unwrap()));
        failed.unwrap_or_else(|| really!(file, xTruncate, size))
    }
}

/// The real file is not flushed: the machine that runs the tests keeps its power.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: `open` put both pointers there.
    let (disk, path) = unsafe { (&*(*file.cast::<OurFile>()).disk, &*(*file.cast::<OurFile>()).path) };
    let state = disk.state();
    let mut state = disk.goes_on.wait_while(state, |state| state.stalled).unwrap_or_else(PoisonError::into_inner);
    if let Some(code) = state.flush_fails {
        state.counts.refused_flushes += 1;
        return code;
    }
    state.tick();
    state.counts.flushes += 1;
    if !state.lies {
        let log = state.now.files.entry(path.clone()).or_default();
        let mut bytes = log.flushed.take().unwrap_or_default();
        for operation in log.pending.drain(..) {
            apply(&mut bytes, &operation, None);
        }
        log.flushed = Some(bytes);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { really!(file, xFileSize, out) }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { really!(file, xLock, level) }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { really!(file, xUnlock, level) }
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { really!(file, xCheckReservedLock, out) }
}

unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: handed on as it came. Hints of a size would change the real file behind our back.
    unsafe {
        if operation == ffi::SQLITE_FCNTL_SIZE_HINT {
            ffi::SQLITE_OK
        } else {
            really!(file, xFileControl, operation, argument)
        }
    }
}

unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { really!(file, xSectorSize) }
}

unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: handed on as it came.
    unsafe { really!(file, xDeviceCharacteristics) }
}
