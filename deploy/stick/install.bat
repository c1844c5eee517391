@echo off
rem Windows: a double click. It takes the first Python that the stick has packages for.
setlocal
set "stick=%~dp0"
set PYTHONUTF8=1
for %%v in (3.13 3.12 3.11) do (
  py -%%v -c "import json, sys; sys.exit('%%v' not in json.load(open(r'%~dp0pack.json'))['pythons'])" >nul 2>nul && (
    py -%%v "%~dp0install.py" %*
    goto end
  )
)
python -c "" >nul 2>nul && (
  python "%~dp0install.py" %*
  goto end
)
echo *** There is no Python here. Install one first (perhaps it is on the stick, in the folder python), then start again.
:end
pause
